"""nginx, as several scenarios need it: nothing of it outside of the host's directory, and an error log."""
import os

CONFIGURATION = """daemon off; user root; pid {directory}/nginx.pid; error_log {log}; {main}
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    {http}
}}
"""


def start_nginx(host, port, http, log="error.log", main="worker_processes 1;"):
    """Starts it with this text in its http block, one server of which listens on the port: the program, and
    the path of its error log."""
    log, path = (os.path.join(host.directory, name) for name in (log, "nginx.conf"))
    with open(path, "w", encoding="utf-8") as file:
        file.write(CONFIGURATION.format(directory=host.directory, log=log, main=main, http=http))
    return host.start("nginx", "-e", log, "-c", path, port=port), log
