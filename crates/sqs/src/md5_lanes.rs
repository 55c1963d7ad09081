//! MD5 of several texts at once, lane by lane the same steps in vector registers.
//!
//! One MD5 is a chain of dependent steps and leaves most of a core idle; eight side by side take about as long as
//! three. RFC 1321. Checked against the `md-5` crate, which stays the one for single texts.

use wide::u32x8;

/// Texts digested side by side.
const LANES: usize = 8;
const BLOCK: usize = 64;

/// `floor(2^32 × abs(sin(i + 1)))`.
const SINES: [u32; 64] = [
    0xd76a_a478,
    0xe8c7_b756,
    0x2420_70db,
    0xc1bd_ceee,
    0xf57c_0faf,
    0x4787_c62a,
    0xa830_4613,
    0xfd46_9501,
    0x6980_98d8,
    0x8b44_f7af,
    0xffff_5bb1,
    0x895c_d7be,
    0x6b90_1122,
    0xfd98_7193,
    0xa679_438e,
    0x49b4_0821,
    0xf61e_2562,
    0xc040_b340,
    0x265e_5a51,
    0xe9b6_c7aa,
    0xd62f_105d,
    0x0244_1453,
    0xd8a1_e681,
    0xe7d3_fbc8,
    0x21e1_cde6,
    0xc337_07d6,
    0xf4d5_0d87,
    0x455a_14ed,
    0xa9e3_e905,
    0xfcef_a3f8,
    0x676f_02d9,
    0x8d2a_4c8a,
    0xfffa_3942,
    0x8771_f681,
    0x6d9d_6122,
    0xfde5_380c,
    0xa4be_ea44,
    0x4bde_cfa9,
    0xf6bb_4b60,
    0xbebf_bc70,
    0x289b_7ec6,
    0xeaa1_27fa,
    0xd4ef_3085,
    0x0488_1d05,
    0xd9d4_d039,
    0xe6db_99e5,
    0x1fa2_7cf8,
    0xc4ac_5665,
    0xf429_2244,
    0x432a_ff97,
    0xab94_23a7,
    0xfc93_a039,
    0x655b_59c3,
    0x8f0c_cc92,
    0xffef_f47d,
    0x8584_5dd1,
    0x6fa8_7e4f,
    0xfe2c_e6e0,
    0xa301_4314,
    0x4e08_11a1,
    0xf753_7e82,
    0xbd3a_f235,
    0x2ad7_d2bb,
    0xeb86_d391,
];

const SHIFTS: [[u32; 4]; 4] = [
    [7, 12, 17, 22],
    [5, 9, 14, 20],
    [4, 11, 16, 23],
    [6, 10, 15, 21],
];

const START: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];

/// The MD5 of each text, in order.
pub(crate) fn md5_of_each(texts: &[&[u8]]) -> Vec<[u8; 16]> {
    texts.chunks(LANES).flat_map(md5_of_some).collect()
}

/// Up to [`LANES`] texts. Each goes on for as many blocks as it has; a lane that is done keeps its state.
fn md5_of_some(texts: &[&[u8]]) -> Vec<[u8; 16]> {
    let messages: Vec<Padded<'_>> = texts.iter().map(|text| Padded::of(text)).collect();
    let blocks = messages.iter().map(Padded::blocks).max().unwrap_or(0);
    let mut state = START.map(u32x8::splat);
    for block in 0..blocks {
        let mut words = [[0; LANES]; 16];
        for (lane, message) in messages.iter().enumerate() {
            if let Some(bytes) = message.block(block) {
                for (word, four) in words.iter_mut().zip(bytes.as_chunks::<4>().0) {
                    word[lane] = u32::from_le_bytes(*four);
                }
            }
        }
        let next = compress(state, &words.map(u32x8::from));
        let going: [u32; LANES] = std::array::from_fn(|lane| {
            let goes_on = messages
                .get(lane)
                .is_some_and(|message| block < message.blocks());
            if goes_on { u32::MAX } else { 0 }
        });
        let going = u32x8::from(going);
        for (old, new) in state.iter_mut().zip(next) {
            *old = (new & going) | (*old & !going);
        }
    }
    let state = state.map(u32x8::to_array);
    let digest = |lane: usize| {
        let mut out = [0; 16];
        for (four, word) in out.as_chunks_mut::<4>().0.iter_mut().zip(&state) {
            *four = word[lane].to_le_bytes();
        }
        out
    };
    (0..texts.len()).map(digest).collect()
}

/// A text with its end mark and length, cut into blocks.
struct Padded<'a> {
    whole: &'a [[u8; BLOCK]],
    /// What is behind the last whole block: one block, or two where the length does not fit into one.
    tail: [[u8; BLOCK]; 2],
    tail_blocks: usize,
}

impl<'a> Padded<'a> {
    fn of(text: &'a [u8]) -> Padded<'a> {
        let (whole, rest) = text.as_chunks::<BLOCK>();
        let mut tail = [0; 2 * BLOCK];
        tail[..rest.len()].copy_from_slice(rest);
        tail[rest.len()] = 0x80;
        let tail_blocks = if rest.len() < BLOCK - 8 { 1 } else { 2 };
        let bits = (text.len() as u64).wrapping_mul(8);
        let end = tail_blocks * BLOCK;
        tail[end - 8..end].copy_from_slice(&bits.to_le_bytes());
        let (blocks, _) = tail.as_chunks::<BLOCK>();
        Padded {
            whole,
            tail: [blocks[0], blocks[1]],
            tail_blocks,
        }
    }

    fn blocks(&self) -> usize {
        self.whole.len() + self.tail_blocks
    }

    fn block(&self, number: usize) -> Option<&[u8; BLOCK]> {
        match number.checked_sub(self.whole.len()) {
            None => Some(&self.whole[number]),
            Some(behind) => self.tail[..self.tail_blocks].get(behind),
        }
    }
}

fn compress(state: [u32x8; 4], words: &[u32x8; 16]) -> [u32x8; 4] {
    let mut next = state;
    next = round(next, words, 0, |i| i, |b, c, d| d ^ (b & (c ^ d)));
    next = round(next, words, 1, |i| 5 * i + 1, |b, c, d| c ^ (d & (b ^ c)));
    next = round(next, words, 2, |i| 3 * i + 5, |b, c, d| b ^ c ^ d);
    next = round(next, words, 3, |i| 7 * i, |b, c, d| c ^ (b | !d));
    std::array::from_fn(|register| next[register] + state[register])
}

/// Sixteen steps. `order` gives the word that a step takes.
#[inline(always)]
fn round(
    [mut a, mut b, mut c, mut d]: [u32x8; 4],
    words: &[u32x8; 16],
    number: usize,
    order: impl Fn(usize) -> usize,
    f: impl Fn(u32x8, u32x8, u32x8) -> u32x8,
) -> [u32x8; 4] {
    for step in 0..16 {
        let i = 16 * number + step;
        let shift = SHIFTS[number][step % 4];
        let sum = a + f(b, c, d) + words[order(i) % 16] + u32x8::splat(SINES[i]);
        let turned = (sum << shift) | (sum >> (32 - shift));
        (a, b, c, d) = (d, b + turned, b, c);
    }
    [a, b, c, d]
}

#[cfg(test)]
mod tests {
    use md5::{Digest, Md5};
    use proptest::prelude::*;

    use super::*;

    fn alone(text: &[u8]) -> [u8; 16] {
        Md5::digest(text).into()
    }

    #[test]
    fn texts_of_every_length_around_a_block_digest_as_they_do_alone() {
        let texts: Vec<Vec<u8>> = (0..200).map(|len| vec![b'x'; len]).collect();
        let borrowed: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
        let expected: Vec<[u8; 16]> = borrowed.iter().map(|text| alone(text)).collect();
        assert_eq!(md5_of_each(&borrowed), expected);
    }

    proptest! {
        #[test]
        fn texts_of_different_lengths_do_not_disturb_each_other(
            texts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..400), 0..20)
        ) {
            let borrowed: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
            let expected: Vec<[u8; 16]> = borrowed.iter().map(|text| alone(text)).collect();
            prop_assert_eq!(md5_of_each(&borrowed), expected);
        }
    }
}
