console.log(process.uptime() >= 0, process.hrtime().length, process.memoryUsage().rss > 1e6, process.resourceUsage().maxRSS > 1000);
