//! The frames of the protocol between the streams of the process and the server.
//!
//! The server behind gives up at a message it cannot decode. So what comes in is read and judged
//! here first: what is no message is answered with an error and goes no further, and the next
//! message is served as if nothing had happened.

use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tokio::sync::mpsc::Sender;
use tower_lsp::jsonrpc::{Error, ErrorCode, Id, Request, Response};

/// A message over this many bytes is refused: nobody edits such a text.
const LARGEST: usize = 256 << 20;

/// A line of a header over this many bytes is none.
const LINE: u64 = 8 << 10;

/// Passes the messages of `input` on until it ends, and answers what is none through `answers`.
pub(super) async fn judge<I, W>(input: I, mut server: W, answers: Sender<Vec<u8>>)
where
    I: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let mut input = BufReader::new(input);
    loop {
        let passed = match read(&mut input).await {
            Read::End => return,
            Read::Message(body) => match verdict(&body) {
                // Nothing is served behind it.
                Ok(Some("exit")) => {
                    let passed = server.write_all(&framed(&body)).await;
                    return drop(passed);
                }
                Ok(_) => server.write_all(&framed(&body)).await.is_ok(),
                Err(error) => refuse(&answers, error).await,
            },
            Read::Refused(why) => refuse(&answers, parse_error(why)).await,
        };
        if !passed {
            return;
        }
    }
}

/// Hands whole messages of the server on, until it ends.
pub(super) async fn collect<R: AsyncRead + Unpin>(server: R, answers: Sender<Vec<u8>>) {
    let mut server = BufReader::new(server);
    while let Read::Message(body) = read(&mut server).await {
        if answers.send(framed(&body)).await.is_err() {
            return;
        }
    }
}

/// What was read.
enum Read {
    /// The body of a message.
    Message(Vec<u8>),
    /// Something that is no message.
    Refused(&'static str),
    /// Nothing more comes.
    End,
}

/// Reads one header and what it announces. Lines that are no header are passed over.
async fn read<R: AsyncRead + Unpin>(input: &mut BufReader<R>) -> Read {
    let mut length: Option<Option<usize>> = None;
    let mut garbage = false;
    loop {
        let mut line = Vec::new();
        match (&mut *input).take(LINE).read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return Read::End,
            Ok(_) => {}
        }
        let text = String::from_utf8_lossy(&line);
        match text.trim_end().split_once(':') {
            Some((name, value)) if ends_with(name, "content-length") => {
                length = Some(value.trim().parse().ok());
            }
            Some(_) => {}
            None if !text.trim_end().is_empty() => garbage = true,
            None => match length {
                None if garbage => return Read::Refused("a header without `Content-Length`"),
                // Empty lines between two messages.
                None => {}
                Some(None) => return Read::Refused("`Content-Length` is not a number"),
                Some(Some(length)) if length > LARGEST => {
                    let mut rest = (&mut *input).take(length as u64);
                    let skipped = tokio::io::copy(&mut rest, &mut tokio::io::sink()).await;
                    return match skipped {
                        Ok(_) => Read::Refused("a message over 256 MB"),
                        Err(_) => Read::End,
                    };
                }
                Some(Some(length)) => {
                    let mut body = Vec::new();
                    let read = (&mut *input).take(length as u64).read_to_end(&mut body).await;
                    return match read {
                        Ok(read) if read == length => Read::Message(body),
                        _ => Read::End,
                    };
                }
            },
        }
    }
}

/// True when `name` ends with the header `wanted`: garbage may stand before it on the line.
fn ends_with(name: &str, wanted: &str) -> bool {
    let start = name.len().saturating_sub(wanted.len());
    name.get(start..).is_some_and(|end| end.eq_ignore_ascii_case(wanted))
}

/// Whether a body is a message: the method that matters here when it is a request, or what is wrong
/// with it.
fn verdict(body: &[u8]) -> Result<Option<&'static str>, Error> {
    let text = std::str::from_utf8(body).map_err(|_| parse_error("a message that is not UTF-8"))?;
    let request = match serde_json::from_str::<Request>(text) {
        Ok(request) if !request.method().is_empty() => {
            return Ok((request.method() == "exit").then_some("exit"));
        }
        Ok(_) => None,
        Err(error) => Some(error),
    };
    if serde_json::from_str::<Response>(text).is_ok() {
        return Ok(None);
    }
    Err(match request {
        Some(error) if !error.is_data() => parse_error("a message that is not JSON"),
        _ => Error {
            code: ErrorCode::InvalidRequest,
            message: "neither a request nor a response".into(),
            data: None,
        },
    })
}

fn parse_error(why: &'static str) -> Error {
    Error { code: ErrorCode::ParseError, message: why.into(), data: None }
}

async fn refuse(answers: &Sender<Vec<u8>>, error: Error) -> bool {
    let response = Response::from_error(Id::Null, error);
    let body = serde_json::to_vec(&response).unwrap_or_default();
    answers.send(framed(&body)).await.is_ok()
}

fn framed(body: &[u8]) -> Vec<u8> {
    let mut frame = format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    frame.extend_from_slice(body);
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What goes through to the server and what is answered.
    fn judged(input: &[u8]) -> (String, String) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (sender, mut receiver) = tokio::sync::mpsc::channel(100);
            let mut passed = Vec::new();
            judge(input, &mut passed, sender).await;
            let mut answered = Vec::new();
            while let Some(frame) = receiver.recv().await {
                answered.extend(frame);
            }
            (String::from_utf8(passed).unwrap(), String::from_utf8(answered).unwrap())
        })
    }

    #[test]
    fn what_is_no_message_is_answered_and_the_next_one_passes() {
        let good = r#"{"jsonrpc":"2.0","id":1,"method":"shutdown"}"#;
        let good = String::from_utf8(framed(good.as_bytes())).unwrap();
        for (bad, code) in [
            ("Content-Length: 5\r\n\r\n{\"a\":", "-32700"),
            ("Content-Length: 2\r\n\r\n[]", "-32600"),
            ("Content-Length: 7\r\n\r\n{\"a\":1}", "-32600"),
            ("Content-Length: x\r\n\r\n", "-32700"),
            ("hello\r\n\r\n", "-32700"),
        ] {
            let (passed, answered) = judged(format!("{bad}{good}").as_bytes());
            assert_eq!(passed, good, "{bad}");
            assert!(answered.contains(code), "{bad}: {answered}");
        }
        let (passed, answered) = judged(b"Content-Length: 2\r\n\r\n\xff\xfe");
        assert_eq!(passed, "");
        assert!(answered.contains("UTF-8"), "{answered}");
        let response = r#"{"jsonrpc":"2.0","id":1,"result":null}"#;
        let response = String::from_utf8(framed(response.as_bytes())).unwrap();
        assert_eq!(judged(response.as_bytes()), (response.clone(), String::new()));
        // Cut off in the middle: nothing to answer.
        assert_eq!(judged(b"Content-Length: 100\r\n\r\n{"), (String::new(), String::new()));
    }
}
