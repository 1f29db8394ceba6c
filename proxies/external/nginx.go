package external

import "strings"

// nginxDefault passes everything to the origin as it does by default: in HTTP/1.0, on
// a connection for each request.
func nginxDefault() Product { return nginx("nginx", "", "") }

// nginxKeepalive keeps and shares its connections to the origin.
func nginxKeepalive() Product {
	return nginx("nginx-keepalive", "keepalive 16;", `proxy_http_version 1.1; proxy_set_header Connection "";`)
}

// nginxNonIdempotent sends a POST to the second of its servers, which are the
// same, when the first fails. Neither is ever marked as down.
func nginxNonIdempotent() Product {
	return nginx("nginx-non-idempotent", "server {{.Origin}} max_fails=0;", "proxy_next_upstream error timeout non_idempotent;")
}

func nginx(name, upstream, location string) Product {
	config := strings.NewReplacer("UPSTREAM", upstream, "LOCATION", location).Replace(nginxConfig)
	return Product{
		Name:      name,
		Command:   []string{"nginx", "-p", "{{.Dir}}", "-c", "{{.Dir}}/nginx.conf", "-e", "stderr"},
		Files:     map[string]string{"nginx.conf": config},
		AccessLog: "access.log",
		Signs:     "Host: gw",
	}
}

const nginxConfig = nginxPlace + `master_process off;
events { worker_connections 256; }
http {` + nginxFolders + `
  upstream gw { server {{.Origin}} max_fails=0; UPSTREAM }
  server {
    listen {{.Address}};
    location / { proxy_pass http://gw; LOCATION }
  }
}
`

const nginxPlace = `daemon off;
pid {{.Dir}}/nginx.pid;
{{if .User}}user {{.User}};
{{end}}`

const nginxFolders = `
  access_log {{.Dir}}/access.log;
  client_body_temp_path {{.Dir}}/body;
  proxy_temp_path {{.Dir}}/proxy;
  fastcgi_temp_path {{.Dir}}/fastcgi;
  uwsgi_temp_path {{.Dir}}/uwsgi;
  scgi_temp_path {{.Dir}}/scgi;`
