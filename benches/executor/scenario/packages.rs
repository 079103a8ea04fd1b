//! A program that plots a data frame: on a sandbox that waited with its packages loaded, beside a bare interpreter of the same
//! image, in turn. And what such a sandbox holds while it waits.

use serde_json::json;

use super::{memory, ms};
use crate::{
    Result, bare::Bare, client::Program, engine::Engine, options::Options, report::Report, server::Server,
    toolchain::image_of,
};

const LANGUAGE: &str = "python-data";
const POOL: usize = 2;
const PLOT: &str = "\
import pandas as pd
import matplotlib.pyplot as plt
df = pd.DataFrame({'x': range(10), 'y': [n * n for n in range(10)]})
df.plot(x='x', y='y')
plt.savefig('a.png')
print(2 + 2)
";

pub async fn measure(engine: &Engine, options: &Options, report: &mut Report) -> Result<()> {
    let pool = format!("{LANGUAGE}={POOL}");
    let mut server = Server::start_serving(LANGUAGE, "packages", &pool, POOL).await?;
    let mut bare = Bare::open_image(engine, &image_of(LANGUAGE)?).await?;
    let plot = json!({"code": PLOT, "workspace": "writable", "collect": ["*.png"]});
    let plot = Program::of(&plot);
    let (mut warm, mut bares, mut charged, mut shares) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    // The first of everything reads files nobody has read yet: not counted.
    for round in 0..=options.share(2) {
        server.settle(engine).await?;
        let answer = server.run(&plot).await?.expect_four()?;
        let files = answer.body["files"].as_array().map_or(0, Vec::len);
        if !answer.was_warm() || files != 1 {
            return Err(format!("not a picture from a sandbox that waited: {}", answer.body).into());
        }
        server.settle(engine).await?;
        let alone = bare.time(&["python3", "-c", PLOT])?;
        if round > 0 {
            warm.push(ms(answer.took));
            bares.push(ms(alone));
        }
        for id in engine.ids(&server.deployment, LANGUAGE).await? {
            charged.push(memory::charged(engine, &id).await?);
            shares.extend(memory::proportional(engine, &id).await.ok());
        }
    }
    report.series("a plot of a data frame, warm, over HTTP, with its picture", "ms", &warm);
    report.series("the same by bare `python3 -c`", "ms", &bares);
    report.ratio("packages-plot", "a plot of a data frame, warm / bare `python3 -c`", &warm, &bares);
    report.series("idle warm Python with packages: charged to its cgroup, less page cache", "MB", &charged);
    report.series("idle warm Python with packages: its processes' proportional share (PSS)", "MB", &shares);
    server.stop()
}
