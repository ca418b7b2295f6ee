// Several steam-user clients in one process, driven by JSON lines: commands on stdin, answers and events on stdout.
//
//   in   {"id": 1, "who": "a", "do": "logOn", "with": [{"accountName": "…", "password": "…"}]}
//   out  {"id": 1, "ok": …} or {"id": 1, "error": "…", "eresult": 5}
//        {"who": "a", "event": "loggedOn", "data": {…}}
//
// The client is the package as npm has it; only the host of its directory is another one (DIRECTORY).

import readline from 'node:readline';
import SteamUser from 'steam-user';

const STEAM = 'https://api.steampowered.com';
const users = new Map();

const say = line => process.stdout.write(`${JSON.stringify(line)}\n`);

/** What steam-user asks its directory by; the request is its own but for the host. */
const directory = {
	async request({method, url, body}) {
		const answer = await fetch(url.replace(STEAM, process.env.DIRECTORY), {method, body});
		return {statusCode: answer.status, textBody: await answer.text()};
	}
};

function make(who, options) {
	const user = new SteamUser({dataDirectory: null, autoRelogin: false, ...options});
	user._httpClient = directory;
	users.set(who, user);
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

async function carryOut({id, who, do: action, with: given = []}) {
	try {
		if (action === 'make') {
			make(who, given[0]);
			return say({id, ok: null});
		}
		return say({id, ok: (await actions[action](users.get(who))(...given)) ?? null});
	} catch (error) {
		return say({id, error: error.message, eresult: error.eresult ?? null});
	}
}

readline.createInterface({input: process.stdin}).on('line', line => carryOut(JSON.parse(line))).on('close', () => process.exit(0));
