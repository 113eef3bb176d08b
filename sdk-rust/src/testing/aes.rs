//! AES, plainly written: for tests, where nothing depends on its speed.

const BLOCK: usize = 16;

type Block = [u8; BLOCK];

/// As the contract's `aes-encrypt` and `aes-decrypt`.
pub(crate) fn aes(
    encrypt: bool,
    mode: &str,
    key: &[u8],
    iv: &[u8],
    additional_data: &[u8],
    tag_bits: u8,
    data: &[u8],
) -> Result<Vec<u8>, String> {
    if !matches!(key.len(), 16 | 24 | 32) {
        return Err("an AES key has 16, 24 or 32 bytes".to_owned());
    }
    let cipher = Cipher::new(key);
    if mode == "GCM" {
        if iv.is_empty() {
            return Err("the iv of GCM has at least one byte".to_owned());
        }
        if !(96..=128).contains(&tag_bits) || tag_bits % 8 != 0 {
            return Err("a tag has 96, 104, 112, 120 or 128 bits".to_owned());
        }
        return cipher.gcm(
            encrypt,
            iv,
            additional_data,
            usize::from(tag_bits / 8),
            data,
        );
    }
    let Ok(iv) = Block::try_from(iv) else {
        return Err(format!("the iv of {mode} has 16 bytes"));
    };
    match (mode, encrypt) {
        ("CTR", _) => Ok(cipher.count(iv, BLOCK, data)),
        ("CBC", true) => Ok(cipher.chain(iv, data)),
        ("CBC", false) => cipher.unchain(iv, data),
        _ => Err("the mode is none of GCM, CBC and CTR".to_owned()),
    }
}

struct Cipher {
    round_keys: Vec<Block>,
    s_box: [u8; 256],
}

/// Multiplication of AES's bytes.
fn times(mut a: u8, mut b: u8) -> u8 {
    let mut product = 0;
    while b != 0 {
        if b & 1 != 0 {
            product ^= a;
        }
        a = (a << 1) ^ (if a & 0x80 != 0 { 0x1b } else { 0 });
        b >>= 1;
    }
    product
}

fn xor(a: Block, b: Block) -> Block {
    std::array::from_fn(|i| a[i] ^ b[i])
}

/// A block that starts with these bytes and ends with zeros.
fn padded(bytes: &[u8]) -> Block {
    std::array::from_fn(|i| bytes.get(i).copied().unwrap_or(0))
}

impl Cipher {
    fn new(key: &[u8]) -> Self {
        let s_box = std::array::from_fn(|i| {
            let inverse = (0..=255)
                .find(|&j| times(i as u8, j) == 1)
                .unwrap_or_default();
            (1..5).fold(inverse ^ 0x63, |sum, n| sum ^ inverse.rotate_left(n))
        });
        let key_words = key.len() / 4;
        let mut words: Vec<[u8; 4]> = key.chunks(4).map(|w| [w[0], w[1], w[2], w[3]]).collect();
        let mut constant = 1;
        for i in key_words..4 * (key_words + 7) {
            let mut word = words[i - 1];
            if i % key_words == 0 {
                word.rotate_left(1);
                word = word.map(|byte| s_box[usize::from(byte)]);
                word[0] ^= constant;
                constant = times(constant, 2);
            } else if key_words == 8 && i % 8 == 4 {
                word = word.map(|byte| s_box[usize::from(byte)]);
            }
            let before = words[i - key_words];
            words.push(std::array::from_fn(|j| before[j] ^ word[j]));
        }
        let round_keys = words.chunks(4).map(|key| padded(&key.concat())).collect();
        Cipher { round_keys, s_box }
    }

    fn encrypt(&self, block: Block) -> Block {
        let last = self.round_keys.len() - 1;
        let mut state = xor(block, self.round_keys[0]);
        for (round, &key) in self.round_keys.iter().enumerate().skip(1) {
            let shifted: Block =
                std::array::from_fn(|i| self.s_box[usize::from(state[(i + i % 4 * 4) % BLOCK])]);
            state = if round == last {
                shifted
            } else {
                mixed(shifted, [2, 3, 1, 1])
            };
            state = xor(state, key);
        }
        state
    }

    fn decrypt(&self, block: Block) -> Block {
        let last = self.round_keys.len() - 1;
        let mut state = block;
        for (round, &key) in self.round_keys.iter().enumerate().skip(1).rev() {
            state = xor(state, key);
            if round != last {
                state = mixed(state, [14, 11, 13, 9]);
            }
            let shifted: Block = std::array::from_fn(|i| state[(i + i % 4 * 12) % BLOCK]);
            state =
                shifted.map(|byte| self.s_box.iter().position(|&s| s == byte).unwrap_or(0) as u8);
        }
        xor(state, self.round_keys[0])
    }

    /// Counts in the last bytes of the block.
    fn count(&self, mut counter: Block, bytes: usize, data: &[u8]) -> Vec<u8> {
        let mut result = Vec::with_capacity(data.len());
        for chunk in data.chunks(BLOCK) {
            let stream = self.encrypt(counter);
            result.extend(chunk.iter().zip(stream).map(|(byte, key)| byte ^ key));
            increase(&mut counter[BLOCK - bytes..]);
        }
        result
    }

    fn chain(&self, mut before: Block, data: &[u8]) -> Vec<u8> {
        let padding = BLOCK - data.len() % BLOCK;
        let mut result = data.to_vec();
        result.extend(vec![padding as u8; padding]);
        for chunk in result.chunks_mut(BLOCK) {
            before = self.encrypt(xor(padded(chunk), before));
            chunk.copy_from_slice(&before);
        }
        result
    }

    fn unchain(&self, mut before: Block, data: &[u8]) -> Result<Vec<u8>, String> {
        let mut result = Vec::with_capacity(data.len());
        for chunk in data.chunks(BLOCK) {
            let block = padded(chunk);
            result.extend(xor(self.decrypt(block), before));
            before = block;
        }
        let padding = usize::from(result.last().copied().unwrap_or(0));
        let whole = data.len() % BLOCK == 0 && (1..=BLOCK).contains(&padding);
        if !whole
            || result[result.len() - padding..]
                .iter()
                .any(|&byte| usize::from(byte) != padding)
        {
            return Err("the ciphertext has no proper padding".to_owned());
        }
        result.truncate(result.len() - padding);
        Ok(result)
    }

    fn gcm(
        &self,
        encrypt: bool,
        nonce: &[u8],
        additional_data: &[u8],
        tag_bytes: usize,
        data: &[u8],
    ) -> Result<Vec<u8>, String> {
        let hash_key = u128::from_be_bytes(self.encrypt([0; BLOCK]));
        let first = match nonce.len() {
            12 => padded(&[nonce, &[0, 0, 0, 1]].concat()),
            _ => ghash(hash_key, &[], nonce),
        };
        let mut counter = first;
        increase(&mut counter[12..]);
        let tag = |ciphertext: &[u8]| {
            let hash = ghash(hash_key, additional_data, ciphertext);
            xor(hash, self.encrypt(first))[..tag_bytes].to_vec()
        };
        if encrypt {
            let mut result = self.count(counter, 4, data);
            result.extend(tag(&result));
            return Ok(result);
        }
        match data.len().checked_sub(tag_bytes) {
            Some(length) if tag(&data[..length]) == data[length..] => {
                Ok(self.count(counter, 4, &data[..length]))
            }
            _ => Err("Tag mismatch".to_owned()),
        }
    }
}

fn increase(number: &mut [u8]) {
    for byte in number.iter_mut().rev() {
        *byte = byte.wrapping_add(1);
        if *byte != 0 {
            break;
        }
    }
}

fn mixed(state: Block, factors: [u8; 4]) -> Block {
    std::array::from_fn(|i| {
        let (column, row) = (i / 4 * 4, i % 4);
        (0..4).fold(0, |sum, j| {
            sum ^ times(factors[(j + 4 - row) % 4], state[column + j])
        })
    })
}

/// The hash of GCM: over both, each padded to blocks, and their lengths in bits.
fn ghash(key: u128, additional_data: &[u8], data: &[u8]) -> Block {
    let bits = |bytes: &[u8]| bytes.len() as u128 * 8;
    let lengths = (bits(additional_data) << 64 | bits(data)).to_be_bytes();
    let mut sum = 0;
    for chunk in additional_data
        .chunks(BLOCK)
        .chain(data.chunks(BLOCK))
        .chain([&lengths[..]])
    {
        let factor = sum ^ u128::from_be_bytes(padded(chunk));
        sum = 0;
        let mut shifted = key;
        for bit in (0..128).rev() {
            if factor >> bit & 1 != 0 {
                sum ^= shifted;
            }
            shifted = shifted >> 1 ^ (if shifted & 1 != 0 { 0xe1 << 120 } else { 0 });
        }
    }
    sum.to_be_bytes()
}
