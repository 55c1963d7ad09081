//! XML for comparison: element names and texts. Attributes, white space between elements and the order of differently
//! named siblings do not count.

#[derive(Debug, PartialEq)]
pub(crate) struct Element {
    name: String,
    text: String,
    children: Vec<Element>,
}

impl Element {
    pub(crate) fn parse(xml: &str) -> Element {
        let xml = xml.trim();
        let xml = xml.strip_prefix("<?xml version=\"1.0\"?>").unwrap_or(xml);
        let (element, rest) = Element::read(xml.trim_start());
        assert_eq!(rest.trim(), "", "one root element");
        element
    }

    pub(crate) fn without(mut self, name: &str) -> Element {
        self.children.retain(|child| child.name != name);
        self.children = self
            .children
            .into_iter()
            .map(|child| child.without(name))
            .collect();
        self
    }

    fn read(xml: &str) -> (Element, &str) {
        let (tag, mut rest) = xml.strip_prefix('<').unwrap().split_once('>').unwrap();
        let closed = tag.ends_with('/');
        let name = tag.trim_end_matches('/').split_whitespace().next().unwrap();
        let mut element = Element {
            name: name.to_owned(),
            text: String::new(),
            children: Vec::new(),
        };
        if closed {
            return (element, rest);
        }
        loop {
            let (text, after) = rest.split_at(rest.find('<').unwrap());
            element.text.push_str(text);
            if let Some(end) = after.strip_prefix("</") {
                let (closing, rest) = end.split_once('>').unwrap();
                assert_eq!(closing, name);
                element.text = unescape(element.text.trim());
                element.children.sort_by(|a, b| a.name.cmp(&b.name));
                return (element, rest);
            }
            let (child, after) = Element::read(after);
            element.children.push(child);
            rest = after;
        }
    }
}

/// The text that character data stands for, by the five names of XML and by numbers.
pub(crate) fn unescape(text: &str) -> String {
    let mut pieces = text.split('&');
    let mut out = pieces.next().unwrap().to_owned();
    for piece in pieces {
        let (name, rest) = piece.split_once(';').unwrap();
        out.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            number => {
                let number = number.strip_prefix('#').unwrap().parse().unwrap();
                char::from_u32(number).unwrap()
            }
        });
        out.push_str(rest);
    }
    out
}
