// So many steam-user clients signed in by password and code, at most so many at once: CPU, memory and time.
//
//   node --expose-gc bench.mjs ACCOUNTS.json AT_ONCE
//
// ACCOUNTS.json: [{"login", "password", "sharedSecret", "proxyUrl"}, …]. The first one warms up what all share, and is
// not counted. The directory is asked once and its answer shared, so that this is a measurement of sessions.

import {readFileSync} from 'node:fs';
import SteamTotp from 'steam-totp';
import SteamUser from 'steam-user';

const STEAM = 'https://api.steampowered.com';
const accounts = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const atOnce = Number(process.argv[3]);
const answers = new Map();

const directory = {
	async request({url}) {
		if (!answers.has(url)) {
			answers.set(url, fetch(url.replace(STEAM, process.env.DIRECTORY)).then(answer => answer.text()));
		}
		return {statusCode: 200, textBody: await answers.get(url)};
	}
};

/** Signed in, and its friends list there: as much as the other side is measured by. */
function signIn({login, password, sharedSecret, proxyUrl}) {
	const way = proxyUrl.startsWith('http') ? {httpProxy: proxyUrl} : {socksProxy: proxyUrl.replace('socks5h', 'socks5')};
	const user = new SteamUser({dataDirectory: null, autoRelogin: false, ...way});
	user._httpClient = directory;
	user.logOn({accountName: login, password, twoFactorCode: SteamTotp.generateAuthCode(sharedSecret)});
	return new Promise((resolve, reject) => {
		user.once('friendsList', () => resolve(user));
		user.once('error', reject);
		user.once('disconnected', (eresult, message) => reject(new Error(`${login} was disconnected: ${message ?? eresult}`)));
		user.once('steamGuard', () => reject(new Error('the code was not taken')));
	});
}

/** In bytes, when all has been quiet for a second and the garbage is gone. */
async function settled() {
	await new Promise(resolve => setTimeout(resolve, 1000));
	globalThis.gc();
	return process.memoryUsage.rss();
}

const users = [await signIn(accounts[0])];
const memory = await settled();
const cpu = process.cpuUsage();
const began = process.hrtime.bigint();
const queue = accounts.slice(1);
await Promise.all(Array.from({length: atOnce}, async () => {
	for (let account = queue.shift(); account; account = queue.shift()) {
		users.push(await signIn(account));
	}
}));
const took = Number(process.hrtime.bigint() - began) / 1e9;
const used = process.cpuUsage(cpu);
const counted = users.length - 1;
console.log(JSON.stringify({
	seconds: took,
	cpu_ms: (used.user + used.system) / 1000 / counted,
	memory_kb: (await settled() - memory) / 1024 / counted
}));
process.exit(0);
