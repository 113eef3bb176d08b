//! One topic for each name: what one client publishes, all get.

use dormouse::{Actor, Connection, Ctx, Message, Result, export_actor, json, json::Value};

struct Topic;

impl Actor for Topic {
    fn start(_: &Ctx) -> Result<Self> {
        Ok(Topic)
    }

    fn message(&mut self, ctx: &Ctx, connection: Connection, message: Message) -> Result {
        match published(&message) {
            Ok(data) => {
                ctx.connections()
                    .broadcast_json(&json!({"type": "message", "data": data}));
            }
            Err(problem) => {
                connection.send_json(&json!({"type": "error", "message": problem}))?;
            }
        }
        Ok(())
    }
}

fn published(message: &Message) -> Result<Value, String> {
    let mut message = message.json().map_err(|e| e.to_string())?;
    if message["type"].as_str() != Some("publish") {
        return Err("Send {\"type\":\"publish\",\"data\":…}.".to_owned());
    }
    Ok(message.take("data"))
}

export_actor!(Topic: connect, message);

#[cfg(test)]
mod tests {
    use super::*;
    use dormouse::testing::TestHost;

    #[test]
    fn everyone_gets_what_one_publishes() {
        let mut host = TestHost::<Topic>::new("news");
        let (a, b) = (host.connect("/").unwrap(), host.connect("/").unwrap());
        host.message(a, r#"{"type":"publish","data":{"n":[1,2.5,null]}}"#)
            .unwrap();
        for client in [a, b] {
            assert_eq!(
                host.received_texts(client),
                [r#"{"type":"message","data":{"n":[1,2.5,null]}}"#]
            );
        }
    }

    #[test]
    fn only_the_sender_hears_of_a_mistake() {
        let mut host = TestHost::<Topic>::new("news");
        let (a, b) = (host.connect("/").unwrap(), host.connect("/").unwrap());
        for bad in ["x", "{}", "[]", r#"{"type":"subscribe"}"#] {
            host.message(a, bad).unwrap();
            assert!(host.received_texts(a)[0].starts_with(r#"{"type":"error","message":"#));
        }
        assert_eq!(host.received(b), []);
    }
}
