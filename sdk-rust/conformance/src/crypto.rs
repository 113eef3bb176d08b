//! The interface `crypto`, against the golden vectors that all SDKs share.

use dormouse::{Aes, Crypto, Ctx, Curve, Error, Hash, Result};

const GOLDEN: &str = include_str!("../../../host-abi/golden/crypto.tsv");

/// Every row of the golden vectors, and what has no answer that is always the same.
pub(crate) fn check(ctx: &Ctx) -> Result {
    let crypto = ctx.crypto();
    let rows = GOLDEN.lines().filter(|line| !line.starts_with('#'));
    for row in rows.clone() {
        assert!(check_row(&crypto, row)?, "{row}");
    }
    assert!(rows.count() > 60);
    let right = crypto.hmac(Hash::Sha256, b"key", b"abc");
    assert!(crypto.verify_hmac(Hash::Sha256, b"key", b"abc", &right));
    assert!(!crypto.verify_hmac(Hash::Sha256, b"key", b"abd", &right));
    assert!(!crypto.verify_hmac(Hash::Sha256, b"key", b"abc", &right[1..]));
    for (curve, length) in [(Curve::P256, 64), (Curve::P384, 96), (Curve::P521, 132)] {
        let pair = crypto.generate_key_pair(curve);
        assert_ne!(pair, crypto.generate_key_pair(curve));
        assert!(!format!("{pair:?}").contains("private"));
        let signature = crypto.sign(curve, Hash::Sha256, &pair.private_key, b"data")?;
        assert_eq!(signature.len(), length);
        let verified =
            |data| crypto.verify(curve, Hash::Sha256, &pair.public_key, &signature, data);
        assert!(verified(b"data") && !verified(b"date"));
    }
    Ok(())
}

/// Whether the host answers as the row says.
fn check_row(crypto: &Crypto<'_>, row: &str) -> Result<bool> {
    let columns: Vec<&str> = row.split('\t').collect();
    let [function, arguments @ .., answer, _] = &columns[..] else {
        return Err(Error::other("a row has an answer"));
    };
    let bytes = |i: usize| unhex(arguments[i]);
    let number = |i: usize| arguments[i].parse::<u32>();
    let found = match *function {
        "digest" if arguments[0] == "MD5" => Ok(crypto.md5(&bytes(1))),
        "digest" => Ok(crypto.digest(hash(arguments[0]), &bytes(1))),
        "hmac" => Ok(crypto.hmac(hash(arguments[0]), &bytes(1), &bytes(2))),
        "aes-encrypt" | "aes-decrypt" => {
            let (key, iv, additional, data) = (bytes(1), bytes(2), bytes(3), bytes(5));
            let aes = match arguments[0] {
                "CBC" => Aes::cbc(&iv),
                "CTR" => Aes::ctr(&iv),
                _ => Aes::gcm(&iv)
                    .with_additional_data(&additional)
                    .with_tag_bits(number(4)? as u8),
            };
            if *function == "aes-decrypt" {
                crypto.decrypt(&aes, &key, &data)
            } else {
                let ciphertext = crypto.encrypt(&aes, &key, &data);
                if let Ok(ciphertext) = &ciphertext {
                    assert_eq!(crypto.decrypt(&aes, &key, ciphertext)?, data);
                }
                ciphertext
            }
        }
        "ecdsa-sign" => {
            let (curve, hash, data) = (curve(arguments[0]), hash(arguments[1]), bytes(3));
            let signature = crypto.sign(curve, hash, &bytes(2), &data);
            if let Ok(signature) = &signature {
                return Ok(crypto.verify(curve, hash, &unhex(answer), signature, &data));
            }
            signature
        }
        "ecdsa-verify" => {
            let (curve, hash) = (curve(arguments[0]), hash(arguments[1]));
            let verified = crypto.verify(curve, hash, &bytes(2), &bytes(3), &bytes(4));
            return Ok(verified.to_string() == *answer);
        }
        "pbkdf2" => {
            let hash = hash(arguments[0]);
            crypto.pbkdf2(hash, &bytes(1), &bytes(2), number(3)?, number(4)?)
        }
        "hkdf" => crypto.hkdf(
            hash(arguments[0]),
            &bytes(1),
            &bytes(2),
            &bytes(3),
            number(4)?,
        ),
        other => return Err(Error::other(format!("there is no function {other}"))),
    };
    Ok(match found {
        Ok(found) => found == unhex(answer),
        Err(error) => matches!(error, Error::Crypto(_)) && *answer == "refused",
    })
}

fn hash(name: &str) -> Hash {
    match name {
        "SHA-1" => Hash::Sha1,
        "SHA-256" => Hash::Sha256,
        "SHA-384" => Hash::Sha384,
        _ => Hash::Sha512,
    }
}

fn curve(name: &str) -> Curve {
    match name {
        "P-256" => Curve::P256,
        "P-384" => Curve::P384,
        _ => Curve::P521,
    }
}

fn unhex(digits: &str) -> Vec<u8> {
    let digit = |i: usize| u8::from_str_radix(&digits[i..i + 2], 16).unwrap_or(0);
    (0..digits.len()).step_by(2).map(digit).collect()
}
