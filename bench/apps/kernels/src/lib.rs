//! Three pieces of work to measure what metering costs. Each export does its work as many times as
//! asked and answers a number that hangs on all of it.

mod interpreter;
mod sha256;

/// SHA-256 of 64 KiB.
#[unsafe(no_mangle)]
pub extern "C" fn hash(times: u32) -> u32 {
    let mut data = vec![0_u8; 64 * 1024];
    (0..times).fold(0, |last, _| {
        data[0] = last as u8;
        sha256::digest(&data)[0]
    })
}

/// Sorts 16,384 numbers with the standard library's unstable sort.
#[unsafe(no_mangle)]
pub extern "C" fn sort(times: u32) -> u32 {
    let mut state = 12_345_u32;
    let mut numbers = vec![0_u32; 16_384];
    (0..times).fold(0, |last, _| {
        for number in &mut numbers {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *number = state;
        }
        numbers.sort_unstable();
        last ^ numbers[numbers.len() / 2]
    })
}

/// Runs a program of a small stack machine: the Collatz paths of all numbers up to 300.
#[unsafe(no_mangle)]
pub extern "C" fn interpreter(times: u32) -> u32 {
    (0..times).fold(0, |last, _| last.wrapping_add(interpreter::collatz_steps(300)))
}
