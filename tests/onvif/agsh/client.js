// A client on npm's `onvif` (agsh): host, port and user as arguments; prints each message as a JSON line.
const {Cam} = require('onvif');

const [hostname, port, username] = process.argv.slice(2);
const say = (what) => process.stdout.write(JSON.stringify(what) + '\n');
const items = (group) => {
	const found = [].concat((group && group.simpleItem) || []);
	return Object.fromEntries(found.map((one) => [one.$.Name, String(one.$.Value)]));
};

const cam = new Cam({hostname, port: Number(port), username, password: process.env.CLIENT_PASSWORD,
	useWSSecurity: process.env.CLIENT_DIGEST !== '1', timeout: 10000}, function(error) {
	if (error) {
		say({failed: String(error)});
		process.exit(1);
	}
	cam.getDeviceInformation((wrong, device) => cam.getStreamUri({protocol: 'RTSP'}, (none, stream) => {
		say({connected: {
			serial: device && device.serialNumber,
			profiles: cam.profiles.map((one) => one.$.token),
			sources: cam.videoSources.length,
			stream: stream && stream.uri,
		}});
		cam.on('event', (event) => {
			const message = event.message.message;
			say({
				topic: event.topic._,
				operation: message.$.PropertyOperation,
				utc: message.$.UtcTime,
				source: items(message.source),
				key: items(message.key),
				data: items(message.data),
			});
		});
	}));
});
cam.on('warning', (warning) => say({warning: String(warning)}));
cam.on('eventsError', (error) => say({trouble: String(error.message || error)}));
