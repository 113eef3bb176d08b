//! The actor's durable key-value storage.

use std::marker::PhantomData;

use crate::abi::{self, ListRequest};
use crate::cbor::{self, Decode, Encode};
use crate::{Error, Result};

/// This actor's durable storage: values under text keys, ordered by the keys' UTF-8 bytes.
///
/// A turn sees its own writes. All writes of a turn, with its alarm change, become durable together
/// or not at all, and before anything that the turn sent or answered leaves the server.
///
/// Values are CBOR, so that actors in other languages, and the server's tools, can read them; the
/// methods that end in `_bytes` store bytes as they are.
///
/// ```
/// # use dormouse::*;
/// fn rename(ctx: &Ctx, name: &str) -> Result {
///     let old: Option<String> = ctx.storage().get("name")?;
///     if old.as_deref() != Some(name) {
///         ctx.storage().put("name", name)?;
///         ctx.storage().put("renamed-at", &ctx.now_millis())?;
///     }
///     Ok(())
/// }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Storage<'a> {
    pub(crate) ctx: PhantomData<&'a ()>,
}

impl Storage<'_> {
    /// The value under the key, or `None` where there is none. A value of another shape is an error.
    pub fn get<T: Decode>(&self, key: &str) -> Result<Option<T>> {
        match abi::storage_get(key) {
            Some(bytes) => read(key, &bytes).map(Some),
            None => Ok(None),
        }
    }

    /// The bytes under the key, as they are.
    pub fn get_bytes(&self, key: &str) -> Option<Vec<u8>> {
        abi::storage_get(key)
    }

    /// The entries that exist among the keys, in the order of the keys' bytes.
    pub fn get_many<T: Decode>(&self, keys: &[impl AsRef<str>]) -> Result<Vec<(String, T)>> {
        read_all(abi::storage_get_many(keys))
    }

    /// Stores a value.
    pub fn put<T: Encode + ?Sized>(&self, key: &str, value: &T) -> Result {
        self.put_bytes(key, &cbor::to_vec(value))
    }

    /// Stores bytes as they are.
    pub fn put_bytes(&self, key: &str, value: &[u8]) -> Result {
        Error::check(abi::storage_put(key, value))
    }

    /// Stores several values: all or, when one is refused, none.
    ///
    /// ```
    /// # use dormouse::*;
    /// # fn f(ctx: &Ctx) -> Result {
    /// ctx.storage().put_many([("x", 3), ("y", 4)])
    /// # }
    /// ```
    pub fn put_many<K: AsRef<str>, T: Encode>(
        &self,
        entries: impl IntoIterator<Item = (K, T)>,
    ) -> Result {
        let entries: Vec<(K, Vec<u8>)> = entries
            .into_iter()
            .map(|(key, value)| (key, cbor::to_vec(&value)))
            .collect();
        Error::check(abi::storage_put_many(&entries))
    }

    /// Deletes the key, and says whether it existed.
    pub fn delete(&self, key: &str) -> bool {
        abi::storage_delete(key)
    }

    /// Deletes the keys, and says how many existed.
    pub fn delete_many(&self, keys: &[impl AsRef<str>]) -> u32 {
        abi::storage_delete_many(keys)
    }

    /// Deletes every key. The alarm stays as it is.
    pub fn delete_all(&self) {
        abi::storage_delete_all();
    }

    /// The entries within the options, in their order.
    ///
    /// ```
    /// # use dormouse::*;
    /// fn last_words(ctx: &Ctx) -> Result<Vec<(String, String)>> {
    ///     ctx.storage().list(ListOptions::new().prefix("word:").reverse().limit(20))
    /// }
    /// ```
    pub fn list<T: Decode>(&self, options: ListOptions<'_>) -> Result<Vec<(String, T)>> {
        read_all(abi::storage_list(options.0))
    }

    /// The entries within the options, with their bytes as they are.
    pub fn list_bytes(&self, options: ListOptions<'_>) -> Vec<(String, Vec<u8>)> {
        abi::storage_list(options.0)
    }

    /// The keys within the options.
    pub fn keys(&self, options: ListOptions<'_>) -> Vec<String> {
        abi::storage_list(options.0)
            .into_iter()
            .map(|(key, _)| key)
            .collect()
    }
}

fn read<T: Decode>(key: &str, bytes: &[u8]) -> Result<T> {
    cbor::from_slice(bytes).map_err(|e| Error::Cbor(e.under(key)))
}

fn read_all<T: Decode>(entries: abi::Entries) -> Result<Vec<(String, T)>> {
    entries
        .into_iter()
        .map(|(key, bytes)| read(&key, &bytes).map(|value| (key, value)))
        .collect()
}

/// Which entries [`Storage::list`] answers. Without any option, all of them from the first key on.
#[derive(Debug, Clone, Copy, Default)]
pub struct ListOptions<'a>(ListRequest<'a>);

impl<'a> ListOptions<'a> {
    /// All entries.
    pub fn new() -> Self {
        ListOptions::default()
    }

    /// Only keys from this one on.
    pub fn start(mut self, key: &'a str) -> Self {
        self.0.start = Some(key);
        self
    }

    /// Only keys after this one. Wins over [`ListOptions::start`].
    pub fn start_after(mut self, key: &'a str) -> Self {
        self.0.start_after = Some(key);
        self
    }

    /// Only keys before this one.
    pub fn end(mut self, key: &'a str) -> Self {
        self.0.end = Some(key);
        self
    }

    /// Only keys that begin so.
    pub fn prefix(mut self, prefix: &'a str) -> Self {
        self.0.prefix = Some(prefix);
        self
    }

    /// From the last key to the first.
    pub fn reverse(mut self) -> Self {
        self.0.reverse = true;
        self
    }

    /// At most so many entries, counted in the order asked for.
    pub fn limit(mut self, entries: u32) -> Self {
        self.0.limit = Some(entries);
        self
    }
}
