//! Runs a second at 1, 2, 4 and 8 clients: ours, from a pool and without one, beside bare create, start, `true`, remove.

use std::{
    cell::{Cell, RefCell},
    time::{Duration, Instant},
};

use futures_util::future::try_join_all;
use tokio::{sync::Mutex, time::sleep};

use crate::{
    Result, client::Program, engine::Engine, options::Options, report::Report, server::Server,
    stats::median_of,
};

const CLIENTS: [usize; 4] = [1, 2, 4, 8];

#[derive(Default)]
struct Rates {
    bare: Vec<f64>,
    cold: Vec<f64>,
    pooled: Vec<f64>,
}

pub async fn measure(engine: &Engine, options: &Options, report: &mut Report) -> Result<()> {
    let mut pooled = Server::start("pooled", "python=4", 4).await?;
    let mut cold = Server::start("cold", "0", 0).await?;
    let span = Span::of(options);
    let mut rates: [Rates; 4] = std::array::from_fn(|_| Rates::default());
    for _ in 0..options.share(8) {
        for (clients, rates) in CLIENTS.into_iter().zip(&mut rates) {
            pooled.settle(engine).await?;
            rates.bare.push(rate(clients, span, |_| engine.run_nothing()).await?);
            cold.settle(engine).await?;
            rates.cold.push(of_server(&cold, clients, span).await?);
            cold.settle(engine).await?;
            rates.pooled.push(of_server(&pooled, clients, span).await?);
        }
    }
    for (clients, Rates { bare, cold, pooled }) in CLIENTS.into_iter().zip(&rates) {
        let with = |what: &str| format!("{what}, {clients} clients");
        report.series(&with("bare create, start, `true`, remove"), "runs/s", bare);
        report.series(&with("cold runs over HTTP"), "runs/s", cold);
        report.series(&with("pooled runs over HTTP, sustained"), "runs/s", pooled);
        report.ratio(&format!("sustained-{clients}"), &with("pooled runs/s / bare cycles/s"), pooled, bare);
        report.ratio(&format!("cold-rate-{clients}"), &with("cold runs/s / bare cycles/s"), cold, bare);
    }
    pooled.stop()?;
    cold.stop()
}

/// What a server sustains with so many clients, in runs a second.
pub async fn of_server(server: &Server, clients: usize, span: Span) -> Result<f64> {
    let program = Program::four("python");
    // Each is used by one task alone.
    let connections: Vec<_> = server.clients(clients).await?.into_iter().map(Mutex::new).collect();
    let cycle =
        async |index: usize| connections[index].lock().await.run(&program).await?.expect_four().map(drop);
    rate(clients, span, cycle).await
}

/// The median of some repetitions of [`of_server`].
pub async fn capacity(
    server: &mut Server,
    engine: &Engine,
    clients: usize,
    options: &Options,
) -> Result<f64> {
    let mut rates = Vec::new();
    for _ in 0..options.share(16) {
        server.settle(engine).await?;
        rates.push(of_server(server, clients, Span::of(options)).await?);
    }
    server.settle(engine).await?;
    Ok(median_of(&rates))
}

/// How long a rate is measured.
#[derive(Clone, Copy)]
pub struct Span {
    /// Until a pool is empty and everything is under way: not counted.
    warm_up: Duration,
    counted: Duration,
}

impl Span {
    /// Long enough for these options.
    pub const fn of(options: &Options) -> Self {
        let (warm_up, counted) = if options.quick { (1, 2) } else { (2, 5) };
        Self { warm_up: Duration::from_secs(warm_up), counted: Duration::from_secs(counted) }
    }
}

/// How often a second `cycle` is done when so many do it over and over.
async fn rate<F: Future<Output = Result<()>>>(
    clients: usize,
    span: Span,
    cycle: impl Fn(usize) -> F,
) -> Result<f64> {
    let over = Cell::new(false);
    let ends = RefCell::new(Vec::new());
    let one = async |index: usize| {
        while !over.get() {
            cycle(index).await?;
            ends.borrow_mut().push(Instant::now());
        }
        Result::Ok(())
    };
    let clock = async {
        sleep(span.warm_up).await;
        ends.borrow_mut().clear();
        sleep(span.counted).await;
        over.set(true);
        Result::Ok(ends.borrow().clone())
    };
    let (_, counted) = tokio::try_join!(try_join_all((0..clients).map(one)), clock)?;
    // From one end to another: the span itself begins and ends within cycles.
    let (Some(first), Some(last)) = (counted.first(), counted.last()) else {
        return Err("not one cycle was done in time".into());
    };
    #[expect(clippy::cast_precision_loss, reason = "a count")]
    let cycles = (counted.len() - 1) as f64;
    Ok(cycles / last.duration_since(*first).as_secs_f64())
}
