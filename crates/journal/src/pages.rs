//! A byte buffer that begins on a page boundary, as `O_DIRECT` wants it.

use crate::format::PAGE;

const ALIGNMENT: usize = PAGE as usize;

/// Grows like a vector; its bytes always begin at an address that is a multiple of the page.
#[derive(Debug)]
pub(crate) struct Pages {
    /// One page longer than the capacity, so that an aligned start can be found in it. Never reallocated in place.
    bytes: Vec<u8>,
    start: usize,
    len: usize,
}

impl Pages {
    pub(crate) fn with_capacity(capacity: usize) -> Pages {
        let bytes = vec![0; capacity.next_multiple_of(ALIGNMENT) + ALIGNMENT];
        let start = bytes.as_ptr().align_offset(ALIGNMENT);
        assert!(
            start < ALIGNMENT,
            "an aligned address is found within a page"
        );
        Pages {
            bytes,
            start,
            len: 0,
        }
    }

    pub(crate) fn capacity(&self) -> usize {
        self.bytes.len() - ALIGNMENT
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }

    pub(crate) fn push(&mut self, more: &[u8]) {
        let end = self.len + more.len();
        if end > self.capacity() {
            self.grow(end);
        }
        self.bytes[self.start + self.len..self.start + end].copy_from_slice(more);
        self.len = end;
    }

    pub(crate) fn push_zeros_to(&mut self, len: usize) {
        const ZEROS: [u8; ALIGNMENT] = [0; ALIGNMENT];
        while self.len < len {
            self.push(&ZEROS[..(len - self.len).min(ALIGNMENT)]);
        }
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.bytes[self.start..self.start + self.len]
    }

    pub(crate) fn as_mut_slice(&mut self) -> &mut [u8] {
        &mut self.bytes[self.start..self.start + self.len]
    }

    /// The same bytes in a buffer no larger than they need.
    pub(crate) fn compact(&self) -> Pages {
        let mut pages = Pages::with_capacity(self.len);
        pages.push(self.as_slice());
        pages
    }

    fn grow(&mut self, needed: usize) {
        let mut larger = Pages::with_capacity(needed.max(2 * self.capacity()));
        larger.push(self.as_slice());
        *self = larger;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_stay_aligned_and_whole_while_the_buffer_grows() {
        let mut pages = Pages::with_capacity(1);
        let mut expected = Vec::new();
        for round in 0..200_u32 {
            let piece = vec![round as u8; round as usize * 7];
            pages.push(&piece);
            expected.extend_from_slice(&piece);
            assert_eq!(pages.as_slice().as_ptr() as usize % ALIGNMENT, 0);
        }
        assert_eq!(pages.as_slice(), expected);
        assert_eq!(pages.compact().as_slice(), expected);
    }

    #[test]
    fn padding_is_zero_even_where_an_earlier_use_left_bytes() {
        let mut pages = Pages::with_capacity(ALIGNMENT);
        pages.push(&[7; ALIGNMENT]);
        pages.clear();
        pages.push(&[1, 2, 3]);
        pages.push_zeros_to(ALIGNMENT);
        assert_eq!(pages.as_slice()[..3], [1, 2, 3]);
        assert!(pages.as_slice()[3..].iter().all(|&byte| byte == 0));
    }
}
