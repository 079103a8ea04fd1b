/** Programs to try. The first of each language comes from the server; these show input, and the sandbox holding. */

export interface Example {
  title: string;
  /** What one sees when it runs. */
  shows: string;
  code: string;
  stdin?: string;
  args?: string[];
}

export interface Examples {
  start: Example[];
  holds: Example[];
}

const python: Examples = {
  start: [
    {
      title: 'Read input',
      shows: 'Adds up the numbers on standard input',
      stdin: '12\n30\n',
      args: ['sum'],
      code: `import sys

numbers = [int(line) for line in sys.stdin]
print("arguments:", sys.argv[1:])
print(" + ".join(map(str, numbers)), "=", sum(numbers))
`,
    },
    {
      title: 'Colours',
      shows: 'Terminal colours, shown safely',
      code: `for n in range(36):
    print(f"\\x1b[48;5;{16 + n * 6}m  ", end="\\x1b[0m\\n" if n % 12 == 11 else "")
styles = {1: "bold", 3: "italic", 4: "underlined", 32: "green"}
print(*(f"\\x1b[{code}m{name}\\x1b[0m" for code, name in styles.items()))
`,
    },
  ],
  holds: [
    {
      title: 'Endless loop',
      shows: 'Stopped at the time limit',
      code: `# It would never end by itself. The time limit ends it,
# and what it wrote is kept.
print("Counting for ever…", flush=True)
n = 0
while True:
    n += 1
`,
    },
    {
      title: 'Too much memory',
      shows: 'Killed at the memory limit',
      code: `# Takes 8 MB more each time round,
# until the sandbox has no more to give.
blocks = []
while True:
    blocks.append(bytearray(8 * 1024 * 1024))
    print(f"{len(blocks) * 8} MB", flush=True)
`,
    },
    {
      title: 'Reach the network',
      shows: 'There is none: no names, no routes',
      code: `import socket

places = [("example.com", 443), ("1.1.1.1", 53), ("169.254.169.254", 80)]
for host, port in places:
    try:
        socket.create_connection((host, port), timeout=2)
        print(f"{host}: connected")
    except OSError as error:
        print(f"{host}: {error}")
`,
    },
    {
      title: 'Write a file',
      shows: 'Refused: everything is read-only',
      code: `open("/tmp/hack.txt", "w").write("I was here")
`,
    },
    {
      title: 'Flood the output',
      shows: 'Stopped at the output limit',
      code: `# The first and the last of it are kept,
# the bytes are counted, the run is ended.
while True:
    print("spam and eggs " * 100)
`,
    },
  ],
};

const javascript: Examples = {
  start: [
    {
      title: 'Read input',
      shows: 'Adds up the numbers on standard input',
      stdin: '12\n30\n',
      args: ['sum'],
      code: `const lines = require("fs").readFileSync(0, "utf8").split("\\n");
const numbers = lines.filter(Boolean).map(Number);
console.log("arguments:", process.argv.slice(2));
console.log(numbers.join(" + "), "=", numbers.reduce((a, b) => a + b, 0));
`,
    },
    {
      title: 'Colours',
      shows: 'Terminal colours, shown safely',
      code: `for (let n = 0; n < 36; n++) {
  process.stdout.write(\`\\x1b[48;5;\${16 + n * 6}m  \\x1b[0m\${n % 12 === 11 ? "\\n" : ""}\`);
}
for (const [code, name] of Object.entries({ 1: "bold", 3: "italic", 32: "green" })) {
  console.log(\`\\x1b[\${code}m\${name}\\x1b[0m\`);
}
`,
    },
  ],
  holds: [
    {
      title: 'Endless loop',
      shows: 'Stopped at the time limit',
      code: `// It would never end by itself. The time limit ends it,
// and what it wrote is kept.
console.log("Counting for ever…");
for (let n = 0; ; n++);
`,
    },
    {
      title: 'Too much memory',
      shows: 'Killed at the memory limit',
      code: `// Takes 8 MB more each time round,
// until the sandbox has no more to give.
const blocks = [];
for (;;) {
  blocks.push(Buffer.alloc(8 * 1024 * 1024, 1));
  console.log(blocks.length * 8, "MB");
}
`,
    },
    {
      title: 'Reach the network',
      shows: 'There is none: no names, no routes',
      code: `const net = require("net");

const places = [["example.com", 443], ["1.1.1.1", 53], ["169.254.169.254", 80]];
for (const [host, port] of places) {
  const socket = net.connect({ host, port, timeout: 2000 });
  socket.on("connect", () => console.log(host + ": connected"));
  socket.on("error", (error) => console.log(host + ": " + error.message));
}
`,
    },
    {
      title: 'Write a file',
      shows: 'Refused: everything is read-only',
      code: `require("fs").writeFileSync("/tmp/hack.txt", "I was here");
`,
    },
    {
      title: 'Flood the output',
      shows: 'Stopped at the output limit',
      code: `// The first and the last of it are kept,
// the bytes are counted, the run is ended.
function spam() {
  process.stdout.write("spam and eggs ".repeat(100) + "\\n", spam);
}
spam();
`,
    },
  ],
};

const none: Examples = { start: [], holds: [] };

export function examplesFor(language: string): Examples {
  return { python, javascript }[language] ?? none;
}
