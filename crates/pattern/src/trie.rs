//! The paths that policies name, part by part, and the walk that finds only those in a message's body.
//!
//! A path is its keys joined by dots, and so a dot within a key parts it too: `{"a.b": …}` and `{"a": {"b": …}}` are one path.

use std::collections::BTreeMap;

use crate::json::{Kind, Tape};

/// Where the parts so far lead. It stays the same as long as a path through it is in use.
pub(crate) type Node = u32;

const ROOT: Node = 0;

#[derive(Clone, Debug)]
pub(crate) struct Trie {
    nodes: Vec<Step>,
    free: Vec<Node>,
}

#[derive(Clone, Debug, Default)]
struct Step {
    next: BTreeMap<Box<str>, Node>,
    /// How many fields have the path that ends here.
    uses: u32,
}

impl Default for Trie {
    fn default() -> Trie {
        Trie {
            nodes: vec![Step::default()],
            free: Vec::new(),
        }
    }
}

impl Trie {
    /// Takes a path into use, once more if it is already.
    pub(crate) fn add(&mut self, path: &str) -> Node {
        let end = path
            .split('.')
            .fold(ROOT, |node, part| self.reach(node, part));
        self.nodes[end as usize].uses += 1;
        end
    }

    fn reach(&mut self, node: Node, part: &str) -> Node {
        if let Some(&next) = self.nodes[node as usize].next.get(part) {
            return next;
        }
        let next = self.free.pop().unwrap_or_else(|| {
            self.nodes.push(Step::default());
            Node::try_from(self.nodes.len() - 1).expect("fewer parts of paths than 32 bits count")
        });
        self.nodes[node as usize].next.insert(part.into(), next);
        next
    }

    /// Gives back one use of a path, and what only it needed.
    pub(crate) fn remove(&mut self, path: &str) {
        let mut walked = Vec::new();
        let mut end = ROOT;
        for part in path.split('.') {
            let Some(&next) = self.nodes[end as usize].next.get(part) else {
                return;
            };
            walked.push((end, part));
            end = next;
        }
        let uses = &mut self.nodes[end as usize].uses;
        *uses = uses.saturating_sub(1);
        while let Some((before, part)) = walked.pop() {
            let step = &self.nodes[end as usize];
            if step.uses > 0 || !step.next.is_empty() {
                return;
            }
            self.nodes[before as usize].next.remove(part);
            self.free.push(end);
            end = before;
        }
    }

    /// The node of a path that is in use.
    pub(crate) fn find(&self, path: &str) -> Option<Node> {
        self.step(ROOT, path).filter(|&node| self.is_end(node))
    }

    fn step(&self, node: Node, key: &str) -> Option<Node> {
        key.split('.').try_fold(node, |node, part| {
            self.nodes[node as usize].next.get(part).copied()
        })
    }

    fn is_end(&self, node: Node) -> bool {
        self.nodes[node as usize].uses > 0
    }

    fn leads_on(&self, node: Node) -> bool {
        !self.nodes[node as usize].next.is_empty()
    }

    /// Calls `found` for each single value that stands at a path in use, with arrays taken apart. What no path leads to is
    /// stepped over without a look.
    pub(crate) fn walk(&self, tape: &Tape<'_>, mut found: impl FnMut(Node, usize)) {
        let mut open = vec![Open {
            node: ROOT,
            array: false,
        }];
        let mut keyed = None;
        let mut token = 1;
        while let (Some(kind), Some(inside)) = (tape.kind(token), open.last()) {
            let here = if inside.array {
                Some(inside.node)
            } else {
                keyed
            };
            match (kind, here) {
                (Kind::Key, _) => keyed = self.step(inside.node, &tape.text(token)),
                (Kind::EndObject | Kind::EndArray, _) => {
                    open.pop();
                }
                (Kind::Object, Some(node)) if self.leads_on(node) => {
                    open.push(Open { node, array: false });
                }
                (Kind::Array, Some(node)) => open.push(Open { node, array: true }),
                (Kind::Object | Kind::Array, _) => token = tape.close(token),
                (_, Some(node)) if self.is_end(node) => found(node, token),
                (_, _) => {}
            }
            token += 1;
        }
    }
}

/// An object or array that the walk is in.
struct Open {
    node: Node,
    array: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(paths: &[&str], body: &str) -> Vec<String> {
        let mut trie = Trie::default();
        let nodes: Vec<Node> = paths.iter().map(|path| trie.add(path)).collect();
        let tape = Tape::parse(body).unwrap();
        let mut found = Vec::new();
        trie.walk(&tape, |node, token| {
            let path = nodes.iter().position(|&one| one == node).unwrap();
            found.push(format!("{}={}", paths[path], tape.text(token)));
        });
        found
    }

    #[test]
    fn only_values_at_the_paths_are_found() {
        let body = r#"{"a":{"b":1,"c":{"b":2}},"b":3,"a.b":4,"c":[{"b":5},[[6]]],"d":null}"#;
        assert_eq!(walk(&["a.b"], body), ["a.b=1", "a.b=4"]);
        assert_eq!(walk(&["c", "d", "e"], body), ["c=6", "d=null"]);
        assert_eq!(walk(&["c.b", "a.c.b"], body), ["a.c.b=2", "c.b=5"]);
    }

    #[test]
    fn dots_and_empty_keys_part_a_path_like_nesting() {
        assert_eq!(
            walk(
                &["a.b.c"],
                r#"{"a":{"b.c":1},"a.b":{"c":2},"a.b.c":3,"a.":{"b.c":4}}"#
            )
            .len(),
            3
        );
        assert_eq!(
            walk(&["a..b"], r#"{"a":{"":{"b":1}},"a.":{"b":2}}"#).len(),
            2
        );
        assert_eq!(walk(&[""], r#"{"":1,"a":{"":2}}"#), ["=1"]);
        assert_eq!(walk(&["a\n"], r#"{"a\n":1}"#).len(), 1);
    }

    #[test]
    fn paths_no_longer_used_leave_nothing() {
        let mut trie = Trie::default();
        let first = trie.add("a.b.c");
        assert_eq!(trie.add("a.b.c"), first);
        trie.add("a.b");
        trie.remove("a.b.c");
        trie.remove("a.b.never");
        assert_eq!(trie.find("a.b.c"), Some(first));
        trie.remove("a.b.c");
        assert_eq!(trie.find("a.b.c"), None);
        assert!(trie.find("a.b").is_some());
        assert_eq!(trie.find("a"), None);
        trie.remove("a.b");
        let nodes = trie.nodes.len();
        trie.add("x.y.z");
        assert_eq!(trie.nodes.len(), nodes);
    }
}
