-- An XMPP server for one test: on the loopback, with its own ports and data, apart from any that the machine has.
-- It also serves Converse.js, so that the page and its server have one origin.
local data = os.getenv("CONSOLE_DATA")

data_path = data
pidfile = data .. "/prosody.pid"
certificates = data
run_as_root = true
daemonize = false
log = { info = "*console" }

interfaces = { "127.0.0.1" }
c2s_ports = { tonumber(os.getenv("CONSOLE_XMPP_PORT")) }
c2s_direct_tls_ports = {}
s2s_ports = {}
http_interfaces = { "127.0.0.1" }
http_ports = { tonumber(os.getenv("CONSOLE_PORT")) }
https_ports = {}
http_host = "127.0.0.1"
http_paths = { files = "/console" }
http_files_dir = data .. "/www"
consider_websocket_secure = true

c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "internal_hashed"
plugin_paths = { os.getenv("CONSOLE_HOME") }
modules_enabled = {
  "admin_shell", "archive_first", "blocklist", "carbons", "disco", "groups", "http_files", "mam", "offline", "pep", "ping",
  "posix", "private", "roster", "saslauth", "smacks", "tell_failures", "vcard4", "vcard_legacy", "websocket",
}
modules_disabled = { "s2s", "tls" }
-- A page that went away without a word keeps its messages back from the next one for so many seconds.
smacks_hibernation_time = 2
groups_file = data .. "/groups.txt"

VirtualHost "localhost"
