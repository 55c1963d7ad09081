//! Finds the next byte that needs care in text where few do.

/// Bytes looked at together: compilers make one or two vector comparisons of them.
const TOGETHER: usize = 32;

/// How many bytes at the start are not `special`, which is a few comparisons without branches.
#[inline]
pub(crate) fn plain(bytes: &[u8], special: impl Fn(u8) -> bool) -> usize {
    let (chunks, _) = bytes.as_chunks::<TOGETHER>();
    let clean = chunks
        .iter()
        .take_while(|chunk| {
            !chunk
                .iter()
                .fold(false, |found, &byte| found | special(byte))
        })
        .count()
        * TOGETHER;
    let rest = &bytes[clean..];
    clean
        + rest
            .iter()
            .position(|&byte| special(byte))
            .unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    #[test]
    fn plain_bytes_end_at_the_first_special_one() {
        for length in 0..100 {
            let mut bytes = vec![b'a'; length];
            assert_eq!(super::plain(&bytes, |byte| byte == b'!'), length);
            for at in (0..length).rev() {
                bytes[at] = b'!';
                assert_eq!(super::plain(&bytes, |byte| byte == b'!'), at);
            }
        }
    }
}
