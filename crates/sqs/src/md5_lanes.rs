//! MD5 of several texts at once: lane by lane the same steps, so that the compiler uses vector registers.
//!
//! One MD5 is a chain of dependent steps and leaves most of a core idle; eight side by side cost about as much as
//! one and a half. RFC 1321. Checked against the `md-5` crate, which stays the one for single texts.

/// Texts digested side by side.
const LANES: usize = 8;
const BLOCK: usize = 64;

type Lanes = [u32; LANES];

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
    let mut state = START.map(|word| [word; LANES]);
    for block in 0..blocks {
        let mut words = [[0; LANES]; 16];
        for (lane, message) in messages.iter().enumerate() {
            if let Some(bytes) = message.block(block) {
                for (word, four) in words.iter_mut().zip(bytes.as_chunks::<4>().0) {
                    word[lane] = u32::from_le_bytes(*four);
                }
            }
        }
        let next = compress(state, &words);
        for (lane, message) in messages.iter().enumerate() {
            if block < message.blocks() {
                for (word, new) in state.iter_mut().zip(&next) {
                    word[lane] = new[lane];
                }
            }
        }
    }
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

#[inline(always)]
fn each(f: impl Fn(usize) -> u32) -> Lanes {
    std::array::from_fn(f)
}

/// The four registers of MD5, each with all lanes.
#[derive(Clone, Copy)]
struct Registers {
    a: Lanes,
    b: Lanes,
    c: Lanes,
    d: Lanes,
}

impl Registers {
    /// Step `i`: `mixed` is the round's function of b, c and d, `word` the step's part of the block.
    #[inline(always)]
    fn step(&mut self, i: usize, mixed: Lanes, word: &Lanes) {
        let shift = SHIFTS[i / 16][i % 4];
        let Registers { a, b, c, d } = *self;
        let turned = each(|l| {
            let sum = a[l].wrapping_add(mixed[l]);
            let sum = sum.wrapping_add(SINES[i]).wrapping_add(word[l]);
            b[l].wrapping_add(sum.rotate_left(shift))
        });
        *self = Registers {
            a: d,
            b: turned,
            c: b,
            d: c,
        };
    }
}

fn compress(state: [Lanes; 4], words: &[Lanes; 16]) -> [Lanes; 4] {
    let [a, b, c, d] = state;
    let mut r = Registers { a, b, c, d };
    for (i, word) in words.iter().enumerate() {
        let mixed = each(|l| r.d[l] ^ (r.b[l] & (r.c[l] ^ r.d[l])));
        r.step(i, mixed, word);
    }
    for i in 16..32 {
        let mixed = each(|l| r.c[l] ^ (r.d[l] & (r.b[l] ^ r.c[l])));
        r.step(i, mixed, &words[(5 * i + 1) % 16]);
    }
    for i in 32..48 {
        let mixed = each(|l| r.b[l] ^ r.c[l] ^ r.d[l]);
        r.step(i, mixed, &words[(3 * i + 5) % 16]);
    }
    for i in 48..64 {
        let mixed = each(|l| r.c[l] ^ (r.b[l] | !r.d[l]));
        r.step(i, mixed, &words[(7 * i) % 16]);
    }
    [
        each(|l| a[l].wrapping_add(r.a[l])),
        each(|l| b[l].wrapping_add(r.b[l])),
        each(|l| c[l].wrapping_add(r.c[l])),
        each(|l| d[l].wrapping_add(r.d[l])),
    ]
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
