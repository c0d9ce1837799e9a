// Servers that say, whatever they are asked, what they were told to: one for each argument, which is JSON of
// {"POST": bytes, "GET": bytes} in base64, or null for one that never says anything. Prints their ports.
// A process of its own, since the tests' own loop stands still while the program runs.
import { createServer } from 'node:net';

const ports = process.argv.slice(2).map((argument) => {
    const answers = JSON.parse(argument);
    const server = createServer((socket) => {
        socket.on('error', () => {});
        socket.once('data', (data) => {
            if (answers) socket.end(Buffer.from(answers[data.toString().split(' ')[0]] ?? '', 'base64'));
        });
    });
    return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));
});
console.log(JSON.stringify(await Promise.all(ports)));
