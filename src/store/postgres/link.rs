//! Connections: to which of the servers, by TLS or in plain text, and what a server says by itself.

use super::{AGAIN, CHANNEL, CONNECT, PATIENCE, url};
use crate::store::{Result, StoreError};
use futures_util::future;
use std::{
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{sync::watch, task::AbortHandle};
use tokio_postgres::{AsyncMessage, Client, Config, Connection, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

/// A future's value within a deadline.
pub(super) async fn within<T>(patience: Duration, f: impl Future<Output = std::result::Result<T, tokio_postgres::Error>>) -> Result<T> {
    match tokio::time::timeout(patience, f).await {
        Ok(done) => Ok(done?),
        Err(_) => Err(StoreError::Unreachable(format!("no answer within {} s", patience.as_secs()))),
    }
}

/// A connection. Given up, it is closed at once, though a server that was stopped never answers: what it holds there ends when it wakes.
pub(super) struct Link {
    client: Client,
    driven: AbortHandle,
    /// Which of the hosts.
    pub host: usize,
}

impl Deref for Link {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.driven.abort();
    }
}

/// The hosts of a URL and how they are spoken to. Each has a deadline of its own: one that was stopped takes calls and answers none, and
/// must not hide the next.
pub(super) struct Server {
    hosts: Vec<Config>,
    /// `None`: in plain text.
    tls: Option<MakeRustlsConnect>,
    /// The host that is asked first.
    first: AtomicUsize,
}

impl Server {
    pub fn new(hosts: Vec<Config>, tls: Option<MakeRustlsConnect>) -> Self {
        Self { hosts, tls, first: AtomicUsize::new(0) }
    }

    /// Hosts and name, for sentences: `db1,db2/tenure, TLS`.
    pub fn place(&self) -> String {
        let hosts: Vec<String> = self.hosts.iter().map(url::host).collect();
        let tls = if self.tls.is_some() { ", TLS" } else { "" };
        format!("{}/{}{tls}", hosts.join(","), self.hosts.first().and_then(Config::get_dbname).unwrap_or_default())
    }

    pub fn hosts(&self) -> usize {
        self.hosts.len()
    }

    /// Asks the others before this one from now on.
    pub fn pass_over(&self, host: usize) {
        // Whoever passed it over at the same time has said so already.
        let _ = self.first.compare_exchange(host, (host + 1) % self.hosts.len().max(1), Ordering::Relaxed, Ordering::Relaxed);
    }

    /// A connection to the first host that takes one and is none of `but`; what the server says by itself is passed on as a count.
    pub async fn connect(&self, news: Option<watch::Sender<u64>>, but: &[usize]) -> Result<Link> {
        let first = self.first.load(Ordering::Relaxed);
        let mut why: Vec<(usize, StoreError)> = Vec::new();
        for (n, config) in self.hosts.iter().enumerate().cycle().skip(first).take(self.hosts.len()).filter(|(n, _)| !but.contains(n)) {
            match self.reach(config, news.clone()).await {
                Ok((client, driven)) => {
                    self.first.store(n, Ordering::Relaxed);
                    return Ok(Link { client, driven, host: n });
                }
                Err(e) => why.push((n, e)),
            }
        }
        if why.len() <= 1 {
            return Err(why.pop().map_or_else(|| StoreError::Unreachable(String::new()), |(_, e)| e));
        }
        let each = why.into_iter().filter_map(|(n, e)| {
            let detail = if let StoreError::Unreachable(detail) = e { detail } else { e.to_string() };
            Some(format!("{}: {detail}", url::host(self.hosts.get(n)?)))
        });
        Err(StoreError::Unreachable(each.collect::<Vec<_>>().join("; ")))
    }

    async fn reach(&self, config: &Config, news: Option<watch::Sender<u64>>) -> Result<(Client, AbortHandle)> {
        async fn drive<S, T>(mut connection: Connection<S, T>, news: Option<watch::Sender<u64>>)
        where
            S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
            T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
        {
            while let Some(Ok(message)) = future::poll_fn(|cx| connection.poll_message(cx)).await {
                if let (AsyncMessage::Notification(_), Some(news)) = (message, &news) {
                    news.send_modify(|n| *n += 1);
                }
            }
        }
        let patience = config.get_connect_timeout().copied().unwrap_or(CONNECT);
        match &self.tls {
            None => {
                let (client, connection) = within(patience, config.connect(NoTls)).await?;
                Ok((client, tokio::spawn(drive(connection, news)).abort_handle()))
            }
            Some(tls) => {
                let (client, connection) = within(patience, config.connect(tls.clone())).await?;
                Ok((client, tokio::spawn(drive(connection, news)).abort_handle()))
            }
        }
    }

    /// Passes on what is announced, for as long as somebody wants to know.
    pub async fn listen(self: Arc<Self>, news: watch::Sender<u64>) {
        while !news.is_closed() {
            if let Ok(link) = self.connect(Some(news.clone()), &[]).await
                && within(PATIENCE, link.batch_execute(&format!("listen {CHANNEL}"))).await.is_ok()
            {
                // What was said while nobody listened is looked for now.
                news.send_modify(|n| *n += 1);
                while !link.is_closed() && !news.is_closed() {
                    tokio::time::sleep(AGAIN).await;
                }
            }
            tokio::time::sleep(AGAIN).await;
        }
    }
}
