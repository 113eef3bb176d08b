//! How values cross the boundary; the module above says who owns what.

use std::alloc::{Layout, alloc, handle_alloc_error, realloc};

use crate::abi::Entries;

// ---- what the host gives to the guest -----------------------------------------------------------

/// A list or string as the ABI has it: where it starts, and how many elements it has.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct RawList {
    start: *mut u8,
    length: usize,
}

#[repr(C)]
pub(super) struct RawOptionList {
    pub(super) some: u8,
    pub(super) value: RawList,
}

#[repr(C)]
pub(super) struct RawOptionU64 {
    pub(super) some: u8,
    pub(super) value: u64,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct RawPair {
    pub(super) first: RawList,
    pub(super) second: RawList,
}

#[repr(C)]
pub(super) struct RawOptionPair {
    pub(super) some: u8,
    pub(super) value: RawPair,
}

const EMPTY: RawList = RawList {
    start: std::ptr::null_mut(),
    length: 0,
};

impl RawList {
    /// Takes a list of bytes.
    ///
    /// # Safety
    /// The list is the host's gift: allocated by `cabi_realloc` with alignment 1, taken once.
    pub(super) unsafe fn into_bytes(self) -> Vec<u8> {
        if self.length == 0 {
            return Vec::new();
        }
        // SAFETY: the block has exactly `length` bytes, all written, and alignment 1.
        unsafe { Vec::from_raw_parts(self.start, self.length, self.length) }
    }

    /// # Safety
    /// As [`RawList::into_bytes`].
    pub(super) unsafe fn into_string(self) -> String {
        // SAFETY: passed on to the caller.
        let bytes = unsafe { self.into_bytes() };
        String::from_utf8(bytes)
            .unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
    }

    /// Takes a list of elements of any plain type.
    ///
    /// # Safety
    /// The list is the host's gift, its elements are `T`s as the ABI lays them out, taken once.
    pub(super) unsafe fn into_vec<T>(self) -> Vec<T> {
        if self.length == 0 {
            return Vec::new();
        }
        // SAFETY: the block has exactly `length` elements and the alignment of T.
        unsafe { Vec::from_raw_parts(self.start.cast::<T>(), self.length, self.length) }
    }
}

/// # Safety
/// As [`RawList::into_vec`], and the lists inside are gifts too.
pub(super) unsafe fn into_entries(list: RawList) -> Entries {
    // SAFETY: passed on to the caller.
    unsafe {
        list.into_vec::<RawPair>()
            .into_iter()
            .map(|pair| (pair.first.into_string(), pair.second.into_bytes()))
            .collect()
    }
}

/// # Safety
/// As [`into_entries`].
pub(super) unsafe fn into_strings(list: RawList) -> Vec<(String, String)> {
    // SAFETY: passed on to the caller.
    unsafe {
        list.into_vec::<RawPair>()
            .into_iter()
            .map(|pair| (pair.first.into_string(), pair.second.into_string()))
            .collect()
    }
}

/// The allocator that the host calls. A request for no bytes answers a pointer that is aligned and
/// belongs to nothing.
#[unsafe(no_mangle)]
extern "C" fn cabi_realloc(
    old: *mut u8,
    old_size: usize,
    align: usize,
    new_size: usize,
) -> *mut u8 {
    if new_size == 0 {
        return std::ptr::without_provenance_mut(align);
    }
    let Ok(layout) = Layout::from_size_align(new_size, align) else {
        panic!("the host asked for {new_size} bytes aligned to {align}");
    };
    // SAFETY: the layout has a size above zero; an old block came from here with the same alignment.
    let block = unsafe {
        if old_size == 0 {
            alloc(layout)
        } else {
            realloc(
                old,
                Layout::from_size_align_unchecked(old_size, align),
                new_size,
            )
        }
    };
    if block.is_null() {
        handle_alloc_error(layout)
    }
    block
}

/// Takes the lists that the host passes to an export. They are written as pointer and length in the
/// export's parameters.
pub(crate) mod lift {
    use super::{RawList, into_strings};

    /// # Safety
    /// Pointer and length come from the host, for this parameter of this call, and are taken once.
    pub(crate) unsafe fn bytes(start: *mut u8, length: usize) -> Vec<u8> {
        // SAFETY: passed on to the caller.
        unsafe { RawList { start, length }.into_bytes() }
    }

    /// # Safety
    /// As [`bytes`].
    pub(crate) unsafe fn string(start: *mut u8, length: usize) -> String {
        // SAFETY: passed on to the caller.
        unsafe { RawList { start, length }.into_string() }
    }

    /// # Safety
    /// As [`bytes`].
    pub(crate) unsafe fn pairs(start: *mut u8, length: usize) -> Vec<(String, String)> {
        // SAFETY: passed on to the caller.
        unsafe { into_strings(RawList { start, length }) }
    }
}

// ---- what the guest gives to the host -----------------------------------------------------------

pub(super) fn lend(bytes: &[u8]) -> RawList {
    RawList {
        start: bytes.as_ptr().cast_mut(),
        length: bytes.len(),
    }
}

pub(super) fn lend_option(text: Option<&str>) -> (i32, *const u8, usize) {
    match text {
        Some(text) => (1, text.as_ptr(), text.len()),
        None => (0, std::ptr::null(), 0),
    }
}

pub(super) fn lend_all<S: AsRef<str>>(texts: &[S]) -> Vec<RawList> {
    texts
        .iter()
        .map(|text| lend(text.as_ref().as_bytes()))
        .collect()
}

pub(super) fn lend_pairs<K: AsRef<str>, V: AsRef<[u8]>>(pairs: &[(K, V)]) -> Vec<RawPair> {
    pairs
        .iter()
        .map(|(k, v)| RawPair {
            first: lend(k.as_ref().as_bytes()),
            second: lend(v.as_ref()),
        })
        .collect()
}

// ---- asking the host ----------------------------------------------------------------------------

pub(super) fn ask_string(call: unsafe extern "C" fn(*mut RawList)) -> String {
    let mut result = EMPTY;
    // SAFETY: see the module.
    unsafe {
        call(&raw mut result);
        result.into_string()
    }
}

pub(super) fn ask_option(call: impl FnOnce(*mut RawOptionList)) -> Option<Vec<u8>> {
    let mut result = RawOptionList {
        some: 0,
        value: EMPTY,
    };
    call(&raw mut result);
    // SAFETY: see the module.
    (result.some != 0).then(|| unsafe { result.value.into_bytes() })
}

/// An option of two lists of bytes or strings, which the caller takes.
pub(super) fn ask_option_pair(call: impl FnOnce(*mut RawOptionPair)) -> Option<RawPair> {
    let mut result = RawOptionPair {
        some: 0,
        value: RawPair {
            first: EMPTY,
            second: EMPTY,
        },
    };
    call(&raw mut result);
    (result.some != 0).then_some(result.value)
}

/// A `result<list<u8>, string>`, which has the layout of an option.
pub(super) fn ask_result(call: impl FnOnce(*mut RawOptionList)) -> Result<Vec<u8>, String> {
    let mut result = RawOptionList {
        some: 0,
        value: EMPTY,
    };
    call(&raw mut result);
    // SAFETY: see the module.
    unsafe {
        match result.some {
            0 => Ok(result.value.into_bytes()),
            _ => Err(result.value.into_string()),
        }
    }
}

pub(super) fn ask_u64(call: impl FnOnce(*mut RawOptionU64)) -> Option<u64> {
    let mut result = RawOptionU64 { some: 0, value: 0 };
    call(&raw mut result);
    (result.some != 0).then_some(result.value)
}

pub(super) fn ask_list(call: impl FnOnce(*mut RawList)) -> RawList {
    let mut result = EMPTY;
    call(&raw mut result);
    result
}
