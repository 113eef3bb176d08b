//! HTTP requests and responses.

use std::borrow::Cow;

use crate::json;
use crate::{Error, Result, abi};

/// An HTTP request: to the actor, or from it to others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    id: RequestId,
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    pub(crate) fn received(
        id: RequestId,
        method: String,
        url: String,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
    ) -> Self {
        Request {
            id,
            method,
            url,
            headers,
            body,
        }
    }

    /// A request to another actor, to the world outside, or for a test.
    pub fn new(method: &str, url: &str) -> Self {
        Request::received(
            RequestId::new(0),
            method.to_owned(),
            url.to_owned(),
            vec![],
            vec![],
        )
    }

    /// A GET request of this kind.
    pub fn get(url: &str) -> Self {
        Request::new("GET", url)
    }

    /// A POST request of this kind.
    pub fn post(url: &str, body: &[u8]) -> Self {
        Request {
            body: body.to_vec(),
            ..Request::new("POST", url)
        }
    }

    /// Adds a header.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Replaces the body.
    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn with_id(mut self, id: RequestId) -> Self {
        self.id = id;
        self
    }

    /// What to answer the request by in a later turn.
    pub fn id(&self) -> RequestId {
        self.id
    }

    /// The method in capitals, such as `GET`.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The path after the actor's name, with the query: it starts with `/`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The path without the query, as it came: not decoded.
    pub fn path(&self) -> &str {
        path(&self.url)
    }

    /// The first query parameter of this name, percent-decoded.
    ///
    /// ```
    /// # use dormouse::Request;
    /// let request = Request::get("/find?what=cheese+%26%20nuts");
    /// assert_eq!(request.query("what").as_deref(), Some("cheese & nuts"));
    /// assert_eq!(request.query("where"), None);
    /// ```
    pub fn query(&self, name: &str) -> Option<String> {
        query(&self.url, name)
    }

    /// The first header of this name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// All headers, in their order.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Takes the body out, without a copy.
    pub fn into_body(self) -> Vec<u8> {
        self.body
    }

    /// The body as text; bytes that are no UTF-8 become U+FFFD.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// The body as JSON.
    pub fn json(&self) -> Result<json::Value, json::Error> {
        match std::str::from_utf8(&self.body) {
            Ok(text) => json::parse(text),
            Err(_) => Err(json::Error::not_text()),
        }
    }
}

/// A request that waits for its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestId {
    id: u64,
}

impl RequestId {
    pub(crate) fn new(id: u64) -> Self {
        RequestId { id }
    }

    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn raw(self) -> u64 {
        self.id
    }

    /// Answers the request whose handler returned [`Response::later`]. It is [`Error::NotFound`]
    /// when the request was answered before, or waited longer than the server allows.
    pub fn respond(self, response: &Response) -> Result {
        if response.later {
            return Err(Error::other("Response::later() is not an answer"));
        }
        Error::check(abi::http_respond(
            self.id,
            response.status,
            &response.headers,
            &response.body,
        ))
    }
}

/// The answer to a request: what the actor answers, or what others answer to it.
///
/// ```
/// # use dormouse::{Response, json};
/// let plain = Response::text("hello");
/// let made = Response::json(&json!({"id": 7})).with_status(201).with_header("location", "/7");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    later: bool,
    url: Option<String>,
}

impl Response {
    /// An answer without headers and body.
    pub fn new(status: u16) -> Self {
        Response {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            later: false,
            url: None,
        }
    }

    /// 200 with bytes of this media type.
    pub fn bytes(content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let mut response = Response::new(200).with_header("content-type", content_type);
        response.body = body.into();
        response
    }

    /// 200 with plain text.
    pub fn text(body: impl Into<String>) -> Self {
        Response::bytes("text/plain; charset=utf-8", body.into())
    }

    /// 200 with a page.
    pub fn html(body: impl Into<String>) -> Self {
        Response::bytes("text/html; charset=utf-8", body.into())
    }

    /// 200 with JSON.
    pub fn json(body: &json::Value) -> Self {
        Response::bytes("application/json", body.to_string())
    }

    /// 404 with a sentence.
    pub fn not_found() -> Self {
        Response::text("There is nothing here.\n").with_status(404)
    }

    /// 405 that names the methods there are, such as `"GET, POST"`.
    pub fn method_not_allowed(allow: &str) -> Self {
        Response::text(format!("Use {allow} here.\n"))
            .with_status(405)
            .with_header("allow", allow)
    }

    /// 400 with a sentence that says what was wrong and what to do.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Response::text(message).with_status(400)
    }

    /// No answer yet: a later turn gives it with [`RequestId::respond`].
    pub fn later() -> Self {
        Response {
            later: true,
            ..Response::new(0)
        }
    }

    /// Changes the status.
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Adds a header.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The headers.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The first header of this name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// The body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body as text; bytes that are no UTF-8 become U+FFFD.
    pub fn text_body(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// The body as JSON.
    pub fn json_body(&self) -> Result<json::Value, json::Error> {
        match std::str::from_utf8(&self.body) {
            Ok(text) => json::parse(text),
            Err(_) => Err(json::Error::not_text()),
        }
    }

    /// The URL that answered, after all redirects, where the answer is from the world outside.
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// Whether the answer comes in a later turn.
    pub fn is_later(&self) -> bool {
        self.later
    }

    pub(crate) fn received(
        status: u16,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
        url: Option<String>,
    ) -> Self {
        Response {
            status,
            headers,
            body,
            later: false,
            url,
        }
    }
}

pub(crate) fn path(url: &str) -> &str {
    url.split_once('?').map_or(url, |(path, _)| path)
}

pub(crate) fn query(url: &str, name: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    query.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (percent_decode(key) == name).then(|| percent_decode(value).into_owned())
    })
}

pub(crate) fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}

/// Decodes `%41` and `+` as forms write them. What is no valid escape stays as it is.
fn percent_decode(text: &str) -> Cow<'_, str> {
    if !text.contains(['%', '+']) {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let escaped = match bytes[i] {
            b'%' => bytes.get(i + 1..i + 3).and_then(hex_byte),
            _ => None,
        };
        match (escaped, bytes[i]) {
            (Some(byte), _) => {
                decoded.push(byte);
                i += 2;
            }
            (None, b'+') => decoded.push(b' '),
            (None, byte) => decoded.push(byte),
        }
        i += 1;
    }
    Cow::Owned(String::from_utf8_lossy(&decoded).into_owned())
}

fn hex_byte(digits: &[u8]) -> Option<u8> {
    let high = char::from(digits[0]).to_digit(16)?;
    let low = char::from(digits[1]).to_digit(16)?;
    u8::try_from(high * 16 + low).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_decoded_and_bad_escapes_stay() {
        let request = Request::get("/x?a=1&b=%C3%A4%zz%4&&c&a=2");
        assert_eq!(request.path(), "/x");
        assert_eq!(request.query("a").as_deref(), Some("1"));
        assert_eq!(request.query("b").as_deref(), Some("ä%zz%4"));
        assert_eq!(request.query("c").as_deref(), Some(""));
        assert_eq!(request.query("d"), None);
        assert_eq!(Request::get("/x").query("a"), None);
    }

    #[test]
    fn headers_are_found_whatever_their_case() {
        let request = Request::get("/").with_header("X-Mouse", "1");
        assert_eq!(request.header("x-mouse"), Some("1"));
    }
}
