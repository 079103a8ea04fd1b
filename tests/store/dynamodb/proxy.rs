//! What cannot be had from the real engine: throttling, slowness, outages, lost answers. A TCP proxy in front of it
//! that treats each request as the test says.

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// What becomes of a request.
#[derive(Clone, Copy, Debug)]
pub enum Fate {
    /// It goes through.
    Pass,
    /// It is answered, as by a DynamoDB that has had enough, with this error.
    Refuse(&'static str),
    /// It goes through after this time.
    Late(Duration),
    /// The connection is closed; it never arrives.
    Lost,
    /// It arrives and is done, and the answer is lost.
    AnswerLost,
}

type Plan = Box<dyn FnMut(&str) -> Fate + Send>;

/// The proxy. Ends when dropped.
pub struct Proxy {
    pub endpoint: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    plan: Mutex<Plan>,
    seen: Mutex<Vec<String>>,
    capacity: Mutex<Vec<f64>>,
}

impl Proxy {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let plan: Plan = Box::new(|_| Fate::Pass);
        let shared =
            Arc::new(Shared { plan: Mutex::new(plan), seen: Mutex::default(), capacity: Mutex::default() });
        let all = Arc::clone(&shared);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let shared = Arc::clone(&all);
                tokio::spawn(async move {
                    let _ = serve(client, &shared).await;
                });
            }
        });
        Self { endpoint, shared, task }
    }

    /// From now on, `plan` decides; it is given the operation, such as `PutItem`.
    pub fn plan(&self, plan: impl FnMut(&str) -> Fate + Send + 'static) {
        *self.shared.plan.lock().unwrap() = Box::new(plan);
        self.shared.seen.lock().unwrap().clear();
        self.shared.capacity.lock().unwrap().clear();
    }

    /// The operations seen since the last plan.
    pub fn seen(&self) -> Vec<String> {
        self.shared.seen.lock().unwrap().clone()
    }

    /// The capacity units that answers have named since the last plan.
    pub fn capacity(&self) -> Vec<f64> {
        self.shared.capacity.lock().unwrap().clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One request, one answer, and the connection is closed: simple, and hard on the client's pool.
async fn serve(mut client: TcpStream, shared: &Shared) -> io::Result<()> {
    let Some((head, body)) = read_request(&mut client).await? else { return Ok(()) };
    let operation = header(&head, "x-amz-target").rsplit('.').next().unwrap_or_default().to_owned();
    shared.seen.lock().unwrap().push(operation.clone());
    let fate = (shared.plan.lock().unwrap())(&operation);
    match fate {
        Fate::Pass => {}
        Fate::Late(by) => tokio::time::sleep(by).await,
        Fate::Lost => return Ok(()),
        Fate::AnswerLost => {
            forward(&head, &body).await?;
            return Ok(());
        }
        Fate::Refuse(error) => {
            let body =
                format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{error}","message":"no more"}}"#);
            let status =
                if error == "InternalServerError" { "500 Internal Server Error" } else { "400 Bad Request" };
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: {}\r\n\
                 connection: close\r\n\r\n",
                body.len()
            );
            return client.write_all((head + &body).as_bytes()).await;
        }
    }
    let answer = forward(&head, &body).await?;
    let text = String::from_utf8_lossy(&answer);
    if let Some((_, units)) = text.split_once("\"CapacityUnits\":") {
        let digits: String = units.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        shared.capacity.lock().unwrap().push(digits.parse().unwrap());
    }
    client.write_all(&answer).await
}

async fn forward(head: &str, body: &[u8]) -> io::Result<Vec<u8>> {
    let mut engine = TcpStream::connect(super::endpoint().trim_start_matches("http://")).await?;
    let (first, rest) = head.split_once("\r\n").unwrap();
    engine.write_all(format!("{first}\r\nconnection: close\r\n{rest}").as_bytes()).await?;
    engine.write_all(body).await?;
    let mut answer = Vec::new();
    engine.read_to_end(&mut answer).await?;
    Ok(answer)
}

async fn read_request(client: &mut TcpStream) -> io::Result<Option<(String, Vec<u8>)>> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8(bytes[..end + 4].to_vec()).unwrap();
            let length: usize = header(&head, "content-length").parse().unwrap_or(0);
            let mut body = bytes[end + 4..].to_vec();
            let had = body.len();
            body.resize(length, 0);
            client.read_exact(&mut body[had..]).await?;
            return Ok(Some((head, body)));
        }
        if client.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    }
}

fn header<'a>(head: &'a str, name: &str) -> &'a str {
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
}
