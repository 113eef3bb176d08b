//! A chat room for each name. Messages are stored before anyone sees them, and the last twenty are
//! shown to a newcomer. The room serves its own web page.

use dormouse::{
    Actor, Admission, ConnectRequest, Connection, Ctx, ListOptions, Message, Request, Response,
    Result, cbor_struct, export_actor, json, json::Value,
};

const PAGE: &str = include_str!("../web/index.html");
const PREFIX: &str = "message:";
const HISTORY: u32 = 20;
const MAX_USERNAME_BYTES: usize = 64;
const MAX_TEXT_BYTES: usize = 4096;

cbor_struct! {
    struct ChatMessage {
        username: String,
        text: String,
        /// Milliseconds of Unix time.
        timestamp: u64,
    }
}

impl ChatMessage {
    fn to_json(&self) -> Value {
        json!({"username": &self.username, "text": &self.text, "timestamp": self.timestamp})
    }
}

struct Room {
    next: u64,
}

impl Actor for Room {
    fn start(ctx: &Ctx) -> Result<Self> {
        let last = ctx
            .storage()
            .keys(ListOptions::new().prefix(PREFIX).reverse().limit(1));
        let next = match last.first() {
            Some(key) => key[PREFIX.len()..].parse::<u64>()? + 1,
            None => 0,
        };
        Ok(Room { next })
    }

    fn connect(
        &mut self,
        ctx: &Ctx,
        connection: Connection,
        _: ConnectRequest,
    ) -> Result<Admission> {
        let options = ListOptions::new().prefix(PREFIX).reverse().limit(HISTORY);
        let newest_first: Vec<(String, ChatMessage)> = ctx.storage().list(options)?;
        if !newest_first.is_empty() {
            let messages: Value = newest_first
                .iter()
                .rev()
                .map(|(_, message)| message.to_json())
                .collect();
            connection.send_json(&json!({"type": "history", "messages": messages}))?;
        }
        Ok(Admission::Accept)
    }

    fn message(&mut self, ctx: &Ctx, connection: Connection, message: Message) -> Result {
        match read(&message, ctx.now_millis()) {
            Ok(message) => self.say(ctx, &message),
            Err(problem) => {
                connection.send_json(&json!({"type": "error", "message": problem}))?;
                Ok(())
            }
        }
    }

    fn fetch(&mut self, _: &Ctx, request: Request) -> Result<Response> {
        Ok(match (request.path(), request.method()) {
            ("/", "GET" | "HEAD") => Response::html(PAGE),
            ("/", _) => Response::method_not_allowed("GET"),
            _ => Response::not_found(),
        })
    }
}

impl Room {
    fn say(&mut self, ctx: &Ctx, message: &ChatMessage) -> Result {
        // Twenty digits hold every u64, so keys sort as their numbers do.
        ctx.storage()
            .put(&format!("{PREFIX}{:020}", self.next), message)?;
        self.next += 1;
        ctx.connections()
            .broadcast_json(&json!({"type": "message", "message": message.to_json()}));
        Ok(())
    }
}

/// What the client says, or a sentence about what is wrong with it.
fn read(message: &Message, timestamp: u64) -> Result<ChatMessage, String> {
    let value = message.json().map_err(|e| e.to_string())?;
    let field = |name: &str, max_bytes: usize| match value[name].as_str().map(str::trim) {
        None | Some("") => Err(format!("{name} must be a text that is not empty")),
        Some(text) if text.len() > max_bytes => {
            Err(format!("{name} is longer than {max_bytes} bytes"))
        }
        Some(text) => Ok(text.to_owned()),
    };
    Ok(ChatMessage {
        username: field("username", MAX_USERNAME_BYTES)?,
        text: field("text", MAX_TEXT_BYTES)?,
        timestamp,
    })
}

export_actor!(Room: connect, message, fetch);

#[cfg(test)]
mod tests {
    use super::*;
    use dormouse::testing::TestHost;

    fn frame(n: u32, at: u64) -> String {
        format!(r#"{{"username":"Nell","text":"{n}","timestamp":{at}}}"#)
    }

    #[test]
    fn everyone_in_the_room_hears_and_a_newcomer_gets_the_last_twenty() {
        let mut host = TestHost::<Room>::new("lobby");
        let nell = host.connect("/").unwrap();
        let judy = host.connect("/").unwrap();
        assert_eq!(host.received(nell), []);
        let at = host.now_millis();
        for n in 0..25 {
            host.message(nell, format!(r#"{{"username":"Nell","text":"{n}"}}"#))
                .unwrap();
            let heard = format!(r#"{{"type":"message","message":{}}}"#, frame(n, at));
            assert_eq!(host.received_texts(nell), [heard.as_str()]);
            assert_eq!(host.received_texts(judy), [heard.as_str()]);
        }
        host.sleep();
        let newcomer = host.connect("/").unwrap();
        let history: Vec<String> = (5..25).map(|n| frame(n, at)).collect();
        assert_eq!(
            host.received_texts(newcomer),
            [format!(
                r#"{{"type":"history","messages":[{}]}}"#,
                history.join(",")
            )]
        );
        host.message(newcomer, r#"{"username":"Nell","text":"25"}"#)
            .unwrap();
        assert!(
            host.stored::<ChatMessage>("message:00000000000000000025")
                .is_some()
        );
    }

    #[test]
    fn a_bad_frame_is_answered_to_its_sender_only() {
        let mut host = TestHost::<Room>::new("lobby");
        let nell = host.connect("/").unwrap();
        let judy = host.connect("/").unwrap();
        let long = format!(r#"{{"username":"a","text":"{}"}}"#, "x".repeat(5000));
        for bad in [
            "hello",
            "{}",
            r#"{"username":"a"}"#,
            r#"{"username":"","text":"x"}"#,
            &long,
        ] {
            host.message(nell, bad).unwrap();
            let answer = host.received_texts(nell).remove(0);
            assert!(
                answer.starts_with(r#"{"type":"error","message":""#),
                "{answer}"
            );
        }
        assert_eq!(host.received(judy), []);
    }

    #[test]
    fn the_room_serves_its_page() {
        let mut host = TestHost::<Room>::new("lobby");
        let page = host.fetch(Request::get("/")).unwrap();
        assert_eq!(
            page.header("content-type"),
            Some("text/html; charset=utf-8")
        );
        assert!(page.text_body().contains("<!doctype html>"));
        assert_eq!(host.fetch(Request::get("/x")).unwrap().status(), 404);
    }
}
