package external

// owns are the products that can be run by their own files. In their commands
// and rules FOLDER is where the file lies.
func owns() []own {
	return []own{
		squidOwn(), haproxyOwn(), nginxOwn(), tinyproxyOwn(), privoxyOwn(), varnishOwn(), apacheOwn(), lighttpdOwn(), trafficServerOwn(),
	}
}

// directive finds the lines that begin with one of the words, with their ends.
func directive(words string) string { return `(?mi)^[ \t]*(?:` + words + `)\b.*\n?` }

// ending puts the text at the end.
func ending(text string) rule { return rule{find: `\z`, put: "\n" + text} }

// beginning puts the text at the beginning.
func beginning(text string) rule { return rule{find: `\A`, put: text + "\n"} }

// remarksBehind are remarks that begin a line or stand behind the end of a directive.
const remarksBehind = `(?m)((?:^|[;{}])[ \t]*)#.*`

func squidOwn() own {
	p := squid()
	p.Signs, p.Files = "", nil // its name may be hidden
	return own{
		Product: p, files: []string{"squid*.conf"}, as: "squid.conf", home: "/etc/squid",
		includes: `(?m)^[ \t]*include[ \t]+(\S+).*$`,
		rules: []rule{
			{find: `(?m)^[ \t]*http_port[ \t]+\S+.*\b(?:intercept|tproxy|accel)\b.*$`, refuse: "a port that is no forward proxy's: take it out"},
			{find: `(?m)^[ \t]*http_port[ \t]+\S+(.*)$`, first: "http_port {{.Address}}$1"},
			{find: `(?m)^http_port`, lacks: "no http_port says where it listens"},
			{find: directive(`https_port|ftp_port|icp_port|htcp_port|snmp_port|cache_peer|cache_peer_access|cache_peer_domain|never_direct|always_direct|` +
				`access_log|cache_log|cache_store_log|cache_access_log|pid_filename|netdb_filename|coredump_dir|cache_dir|chroot|` +
				`cache_effective_user|cache_effective_group|dns_nameservers|pinger_enable|strip_query_terms|buffered_logs|shutdown_lifetime|max_filedescriptors`)},
			beginning("visible_hostname gauntlet-squid"),
			ending(squidOrigin + squidPlace),
		},
	}
}

func haproxyOwn() own {
	p := haproxy()
	p.Signs, p.Files = "", nil
	p.AccessLog, p.Logs = "", []string{outputLog} // whether it logs requests is up to the file
	return own{
		Product: p, files: []string{"haproxy*.cfg"}, as: "haproxy.cfg",
		rules: []rule{
			{find: `(?m)^[ \t]*server[ \t]+\S+[ \t]+\S+.*\bssl\b.*$`, refuse: "the origin speaks no TLS: take ssl out"},
			{find: directive(`chroot|user|group|uid|gid|daemon|pidfile|stats[ \t]+socket|log[ \t]+[^g\s]\S*|nbproc|master-worker`)},
			{find: `(?m)^([ \t]*bind[ \t]+)(?:unix@|/|\S.*\bssl\b).*$`, put: "${1}unix@{{.Dir}}/$n.ssl"},
			{find: `(?m)^([ \t]*bind[ \t]+)[^u \t]\S*(.*)$`, first: "${1}fd@3$2", put: "${1}unix@{{.Dir}}/$n$2"},
			{find: `(?m)^([ \t]*server[ \t]+\S+[ \t]+)\S+(.*)$`, put: "${1}{{.Origin}}$2"},
			{when: `(?m)^[ \t]*bind\b`, find: `fd@3`, lacks: "no bind without TLS says where it listens"},
			{when: `(?m)^[ \t]*bind\b`, find: `(?m)^[ \t]*server\b`, lacks: "no server says where the origin is"},
			beginning("global\n  log stdout format raw local0"),
			{unless: `(?m)^[ \t]*bind\b`, find: `\z`, put: "\nlisten gauntlet\n  bind fd@3\n  server origin {{.Origin}}\n"},
		},
	}
}

// One that serves files and is no proxy yet gets a server of ours beside the
// others, with all that they have in common.
func nginxOwn() own {
	p := nginxDefault()
	p.Signs, p.Files, p.Users = "", nil, []string{"www-data", "nginx", "nobody"}
	p.Command = []string{"nginx", "-c", "{{.Dir}}/nginx.conf", "-e", "stderr"} // its modules are where it was built for
	const proxies = `\bproxy_pass\s`
	return own{
		Product: p, files: []string{"nginx*.conf"}, as: "nginx.conf", home: "/etc/nginx", neighbours: true,
		includes: `\binclude\s+([^;]+);`, remarks: remarksBehind,
		rules: []rule{
			{find: `\bproxy_pass\s+https:[^;]*;`, refuse: "the origin speaks no TLS: say http"},
			{find: `\bproxy_pass\s+[^;]*\$[^;]*;`, refuse: "which server that is cannot be known: name it"},
			{find: `(?m)(^|[;{}])[ \t]*(?:user|pid|daemon|master_process|error_log|access_log|lock_file|working_directory|` +
				`(?:client_body|proxy|fastcgi|uwsgi|scgi)_temp_path)\s[^;]*;`, put: "$1"},
			{edit: listening},
			{find: `\blisten\s+(?:[^;]*\b(?:ssl|quic)\b[^;]*|\[[^;]*|unix:[^;]*);`, put: "listen unix:{{.Dir}}/$n.ssl;"},
			{unless: proxies, find: `\blisten\s+[^u;][^;]*;`, put: "listen unix:{{.Dir}}/$n;"},
			{when: proxies, find: `\blisten\s+[^u;\s]\S*?(\s+default_server\b)?(?:\s[^;]*)?;`, put: "listen {{.Address}}$1;"},
			{when: proxies, edit: upstreams},
			beginning(nginxPlace),
			{find: `\bhttp\s*\{`, first: "http {" + nginxFolders},
			{unless: proxies, find: `\bhttp\s*\{`, first: "http {\n  server { listen {{.Address}}; location / { proxy_pass http://{{.Origin}}; } }"},
		},
	}
}

func tinyproxyOwn() own {
	p := tinyproxy()
	p.Signs, p.Files = "", nil
	return own{
		Product: p, files: []string{"tinyproxy*.conf"}, as: "tinyproxy.conf",
		rules: []rule{
			{find: `(?mi)^[ \t]*ReverseOnly[ \t]+Yes\b.*$`, refuse: "it would be no forward proxy: take it out"},
			{find: directive(`Port|Listen|Bind|User|Group|PidFile|LogFile|Syslog|LogLevel|Upstream|No Upstream`)},
			ending(tinyproxyPlace),
		},
	}
}

func privoxyOwn() own {
	p := privoxy()
	p.Files = nil
	return own{
		Product: p, files: []string{"privoxy*.conf", "privoxy/config"}, as: "privoxy.conf",
		rules: []rule{
			{find: directive(`listen-address|logdir|logfile|debug|forward\S*|temporary-directory`)},
			{unless: `(?mi)^[ \t]*confdir\b`, find: `\A`, put: "confdir FOLDER\n"},
			ending(privoxyPlace),
		},
	}
}

func varnishOwn() own {
	p := varnish()
	p.Signs = "" // a VCL may take the field out
	p.Command = append(p.Command[:len(p.Command):len(p.Command)], "-p", "vcl_path=FOLDER:/etc/varnish:/usr/share/varnish/vcl", "-f", "{{.Dir}}/default.vcl")
	for i, word := range p.Command { // a VCL says where the origin is, and nobody else may then
		if word == "-b" {
			p.Command = append(p.Command[:i:i], p.Command[i+2:]...)
			break
		}
	}
	return own{
		Product: p, files: []string{"*.vcl"}, as: "default.vcl", home: "/etc/varnish",
		includes: `\binclude\s+("[^"]+")\s*;`, remarks: `(?ms)((?:^|[;{}])[ \t]*)(?:(?:#|//)[^\n]*|/\*.*?\*/)`,
		rules: []rule{
			{find: `\.path\s*=[^;]*;`, refuse: "the origin is no socket in a file: say .host"},
			{find: `\.probe\s*=[^;]*[;{]`, refuse: "the gateway would get requests of the probe: take it out"},
			{find: `\.port\s*=\s*"[^"]*"\s*;`},
			{find: `\.host\s*=\s*"[^"]*"\s*;`, put: `.host = "{{.OriginHost}}"; .port = "{{.OriginPort}}";`},
			{find: `\.host\b`, lacks: "no backend says where the origin is"},
		},
	}
}
