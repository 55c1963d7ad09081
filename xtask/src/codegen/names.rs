//! AWS's names in Rust's spelling.

/// `MD5OfMessageBody` becomes `md5_of_message_body`, `AWSAccountIds` becomes `aws_account_ids`.
pub(super) fn snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (i, &letter) in letters.iter().enumerate() {
        let starts_word = i > 0
            && letter.is_ascii_uppercase()
            && (!letters[i - 1].is_ascii_uppercase()
                || letters.get(i + 1).is_some_and(char::is_ascii_lowercase));
        if starts_word {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

/// As [`snake`], safe as the name of a field.
pub(super) fn field(name: &str) -> String {
    let name = snake(name);
    match name.as_str() {
        "type" | "match" | "ref" | "move" | "where" | "use" | "as" | "in" | "loop" => {
            format!("r#{name}")
        }
        _ => name,
    }
}

pub(super) fn constant(name: &str) -> String {
    snake(name).to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::snake;

    #[test]
    fn acronyms_are_one_word() {
        assert_eq!(snake("MD5OfMessageBody"), "md5_of_message_body");
        assert_eq!(snake("AWSAccountIds"), "aws_account_ids");
        assert_eq!(
            snake("QueueOwnerAWSAccountId"),
            "queue_owner_aws_account_id"
        );
        assert_eq!(snake("queueUrls"), "queue_urls");
        assert_eq!(snake("KmsKeyARN"), "kms_key_arn");
    }
}
