// Several steam-user clients in one process, driven by JSON lines over a socket: node steam_user.mjs SOCKET
//
// Each connection is a run of its own with its own clients; its first line is {"directory": "http://…"}, then
//
//   in   {"id": 1, "who": "a", "do": "logOn", "with": [{"accountName": "…", "password": "…"}]}
//   out  {"id": 1, "ok": …} or {"id": 1, "error": "…", "eresult": 5}
//        {"who": "a", "event": "loggedOn", "data": {…}}
//
// The client is the package as npm has it; only the host of its directory is another one.

import net from 'node:net';
import readline from 'node:readline';
import SteamUser from 'steam-user';

const STEAM = 'https://api.steampowered.com';

/** What steam-user asks its directory by; the request is its own but for the host. */
const directoryAt = host => ({
	async request({method, url, body}) {
		const answer = await fetch(url.replace(STEAM, host), {method, body});
		return {statusCode: answer.status, textBody: await answer.text()};
	}
});

function make(who, options, directory, say) {
	const user = new SteamUser({dataDirectory: null, autoRelogin: false, ...options});
	user._httpClient = directory;
	const tell = (event, data = {}) => say({who, event, data});
	user.on('loggedOn', () => tell('loggedOn', {steamId: user.steamID.toString(), publicIp: user.publicIP}));
	user.on('refreshToken', token => tell('refreshToken', {token}));
	user.on('steamGuard', (domain, give, lastCodeWrong) => tell('steamGuard', {domain, lastCodeWrong}));
	user.on('error', error => tell('error', {eresult: error.eresult ?? null, message: error.message}));
	user.on('disconnected', (eresult, message) => tell('disconnected', {eresult, message}));
	user.on('friendsList', () => tell('friendsList', {friends: user.myFriends}));
	user.on('accountLimitations', (limited, banned, locked) => tell('limitations', {limited, banned, locked}));
	user.on('friendRelationship', (sid, now, before) => tell('relationship', {friend: sid.toString(), now, before}));
	user.on('webSession', (id, cookies) => tell('webSession', {cookies: cookies.length}));
	for (const event of ['friendMessage', 'friendMessageEcho', 'friendTyping']) {
		user.chat.on(event, message => tell(event, {
			friend: message.steamid_friend.toString(),
			text: message.message_no_bbcode,
			ordinal: message.ordinal,
			timestamp: message.server_timestamp?.getTime() / 1000
		}));
	}
	return user;
}

const history = user => async (friend, options) => {
	const {messages} = await user.chat.getFriendMessageHistory(friend, options);
	return messages.map(one => ({sender: one.sender.toString(), text: one.message, ordinal: one.ordinal}));
};

const active = user => async () => {
	const {sessions} = await user.chat.getActiveFriendMessageSessions();
	return sessions.map(one => ({friend: one.steamid_friend.toString(), unread: one.unread_message_count}));
};

const actions = {
	logOn: user => details => user.logOn(details),
	logOff: user => () => user.logOff(),
	setPersona: user => state => user.setPersona(state),
	addFriend: user => friend => user.addFriend(friend),
	removeFriend: user => friend => user.removeFriend(friend),
	blockUser: user => friend => user.blockUser(friend),
	unblockUser: user => friend => user.unblockUser(friend),
	getPersonas: user => async friends => {
		const {personas} = await user.getPersonas(friends);
		return Object.fromEntries(Object.entries(personas).map(([id, one]) => [id, one.player_name]));
	},
	write: user => (friend, text) => user.chat.sendFriendMessage(friend, text),
	type: user => friend => user.chat.sendFriendTyping(friend),
	acknowledge: user => (friend, timestamp) => user.chat.ackFriendMessage(friend, new Date(timestamp * 1000)),
	history,
	active
};

/** One test: its clients end with its connection. */
function serve(socket) {
	const users = new Map();
	const say = line => socket.writable && socket.write(`${JSON.stringify(line)}\n`);
	let directory;

	async function carryOut({id, who, do: action, with: given = []}) {
		try {
			if (action === 'make') {
				users.set(who, make(who, given[0], directory, say));
				return say({id, ok: null});
			}
			return say({id, ok: (await actions[action](users.get(who))(...given)) ?? null});
		} catch (error) {
			return say({id, error: error.message, eresult: error.eresult ?? null});
		}
	}

	socket.on('error', () => socket.destroy());
	readline
		.createInterface({input: socket})
		.on('error', () => {}) // the same one again
		.on('line', line => {
			const said = JSON.parse(line);
			directory ? carryOut(said) : (directory = directoryAt(said.directory));
		})
		.on('close', () => {
			for (const user of users.values()) {
				user.options.autoRelogin = false;
				user.logOff();
			}
			socket.end();
		});
}

net.createServer({allowHalfOpen: true}, serve).listen(process.argv[2]);
