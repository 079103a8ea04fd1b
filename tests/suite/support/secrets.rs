//! As much of AWS Secrets Manager as one call needs: there is no emulator of it to be had here.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde_json::{Value, json};

/// Gives out one secret, whatever it is asked for by `GetSecretValue`.
pub struct Secrets {
    address: SocketAddr,
    secret: Arc<Mutex<String>>,
    asked: Arc<AtomicUsize>,
}

impl Secrets {
    pub fn start(secret: &Value) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (secret, asked) = (Arc::new(Mutex::new(secret.to_string())), Arc::<AtomicUsize>::default());
        let (given, count) = (Arc::clone(&secret), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let mut reader = BufReader::new(stream);
                let (mut call, mut length) = (String::new(), 0);
                for line in reader.by_ref().lines().map_while(Result::ok).take_while(|line| !line.is_empty())
                {
                    let line = line.to_ascii_lowercase();
                    match line.split_once(": ") {
                        Some(("x-amz-target", target)) => call = target.to_owned(),
                        Some(("content-length", text)) => length = text.parse().unwrap(),
                        _ => {}
                    }
                }
                let mut body = vec![0; length];
                reader.read_exact(&mut body).unwrap();
                let asked: Value = serde_json::from_slice(&body).unwrap();
                let (status, answer) = if call == "secretsmanager.getsecretvalue" {
                    count.fetch_add(1, Ordering::SeqCst);
                    let text = given.lock().unwrap().clone();
                    ("200 OK", json!({"Name": asked["SecretId"], "SecretString": text}).to_string())
                } else {
                    ("400 Bad Request", json!({"__type": "InvalidRequestException"}).to_string())
                };
                let head = format!(
                    "HTTP/1.1 {status}\r\nContent-Type: application/x-amz-json-1.1\r\nConnection: close\r\n\
                     Content-Length: {}\r\n\r\n",
                    answer.len()
                );
                let _ = reader.get_mut().write_all(format!("{head}{answer}").as_bytes());
            }
        });
        Self { address, secret, asked }
    }

    /// For `AWS_ENDPOINT_URL_SECRETS_MANAGER`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn change(&self, secret: &Value) {
        *self.secret.lock().unwrap() = secret.to_string();
    }

    /// How often it was asked for.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}
