# shellcheck shell=bash
# Sourced by run: a function for each case, in the order in which they are run.
# shellcheck disable=SC2154

python=/usr/bin/python3

nginx_conf()
{
    cat >"$work/nginx.conf" <<EOF
daemon off;
pid $work/nginx.pid;
error_log $work/nginx.log;
events {}
http {
    access_log off;
    client_body_temp_path $work;
    proxy_temp_path $work;
    fastcgi_temp_path $work;
    uwsgi_temp_path $work;
    scgi_temp_path $work;
    server { listen $1; }
}
EOF
}

# Binds what it is told to and waits; the options are names of the socket module.
write_holder()
{
    cat >"$work/holder.py" <<'EOF'
import socket, sys, time
kind, address, port, *options = sys.argv[1:]
family = socket.AF_INET6 if ":" in address else socket.AF_INET
s = socket.socket(family, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
for option in options:
    s.setsockopt(socket.SOL_SOCKET, getattr(socket, option), 1)
s.bind((address, int(port)))
if kind == "listen":
    s.listen()
time.sleep(600)
EOF
}

case_python_twice()
{
    start_on tcp/8080 "$python" -m http.server 8080
    refused "python3 -m http.server 8080" P001 "$python" -m http.server 8080
    why 8080 P001 8080
    follow_kill "$started"
    why 8080 ok 8080
    start_on tcp/8080 "$python" -m http.server 8080
}

case_nginx_against_python()
{
    nginx_conf 8080
    start_on tcp/8080 "$python" -m http.server 8080 --bind ::
    refused "nginx" P009 nginx -c "$work/nginx.conf"
    why 0.0.0.0:8080 P009 0.0.0.0:8080
    follow_kill "$started"
    start_on tcp/8080 nginx -c "$work/nginx.conf"
}

case_node_against_nginx()
{
    nginx_conf 3000
    printf 'require("http").createServer().listen(3000)\n' >"$work/server.js"
    start_on tcp/3000 nginx -c "$work/nginx.conf"
    refused "node server.js" P009 node "$work/server.js"
    why 3000 P001 3000
    printf 'require("http").createServer().listen({port: 3000, host: "::", ipv6Only: true})\n' \
        >"$work/server.js"
    start_on tcp/3000 node "$work/server.js"
}

# Behind a shell, as in npm start.
case_node_behind_shell()
{
    printf 'require("http").createServer().listen(3000)\n' >"$work/server.js"
    start_on tcp/3000 node "$work/server.js"
    refused "sh -c 'node server.js; exit 0'" P001 sh -c "node $work/server.js; exit 0"
    follow_kill "$started"
    start_on tcp/3000 node "$work/server.js"
}

case_redis_twice()
{
    local options=(--save '' --dir "$work" --port 6379)

    start_on tcp/6379 redis-server "${options[@]}"
    refused "redis-server" P001 redis-server "${options[@]}"
    why 127.0.0.1:6379 P010 127.0.0.1:6379
    follow_kill "$started"
    start_on tcp/6379 redis-server "${options[@]}"
}

case_redis_address_absent()
{
    refused "redis-server --bind 192.0.2.7" P021 redis-server --save '' --dir "$work" \
        --port 6379 --bind 192.0.2.7
    why 192.0.2.7:6379 P021 192.0.2.7:6379
    follow "sysctl -w net.ipv4.ip_nonlocal_bind"
    start_on tcp/6379 redis-server --save '' --dir "$work" --port 6379 --bind 192.0.2.7
}

# No function: the process that is started has to be the one that can be killed.
as_nobody=(setpriv --reuid nobody --regid nogroup --clear-groups --)

case_postgres()
{
    local bin data=$work/data options

    bin=$(find /usr/lib/postgresql -path '*/bin/postgres' -printf '%h\n' | sort -V | tail -n 1)
    install -d -o nobody -g nogroup "$data"
    "${as_nobody[@]}" "$bin/initdb" --no-sync -A trust -D "$data" >/dev/null
    options=(-D "$data" -c "unix_socket_directories=$data" -c listen_addresses=127.0.0.1)
    write_holder
    start_on tcp/5432 "$python" "$work/holder.py" listen 0.0.0.0 5432
    refused "postgres" P010 "${as_nobody[@]}" \
        "$bin/postgres" "${options[@]}"
    why "127.0.0.1:5432 --as nobody" P010 127.0.0.1:5432 --as nobody
    follow_kill "$started"
    start_on tcp/5432 "${as_nobody[@]}" "$bin/postgres" "${options[@]}"
}

case_privileged_port()
{
    local command

    refused "python3 -m http.server 80" P016 \
        "${as_nobody[@]}" "$python" -m http.server 80
    command=$(advised setpriv)
    start_on tcp/80 bash -c "exec ${command%COMMAND} $python -m http.server 80"
    stop_all
    why "80 --as nobody" P016 80 --as nobody
    follow "sysctl -w net.ipv4.ip_unprivileged_port_start"
    start_on tcp/80 "${as_nobody[@]}" "$python" -m http.server 80
}

# A program with an executable of its own is given the capability for itself.
case_privileged_server()
{
    cp /usr/sbin/nginx "$work/server"
    install -d -m 777 "$work/tmp"
    nginx_conf 80
    sed -i "s# $work# $work/tmp#" "$work/nginx.conf"
    refused "nginx" P016 \
        "${as_nobody[@]}" "$work/server" -c "$work/nginx.conf"
    follow "setcap cap_net_bind_service"
    start_on tcp/80 "${as_nobody[@]}" "$work/server" -c "$work/nginx.conf"
}

# The forward asks for its port when the connection stands.
case_ssh_forward()
{
    local known=(-o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null
        -o ExitOnForwardFailure=yes -F none -i "$work/key" -p 2222)

    install -d /run/sshd
    ssh-keygen -q -t ed25519 -N '' -f "$work/key"
    cp "$work/key.pub" "$work/authorized"
    chmod 600 "$work/authorized"
    start_on tcp/2222 /usr/sbin/sshd -D -e -f /dev/null -p 2222 -h "$work/key" \
        -o "AuthorizedKeysFile=$work/authorized" -o StrictModes=no -o UsePAM=no \
        -o PermitRootLogin=yes -o "PidFile=$work/sshd.pid"
    write_holder
    start_on tcp/8080 "$python" "$work/holder.py" listen 127.0.0.1 8080
    refused "ssh -N -L 127.0.0.1:8080:localhost:80 host" P001 \
        ssh -N -L 127.0.0.1:8080:localhost:80 "${known[@]}" root@127.0.0.1
    follow_kill "$started"
    start_on tcp/8080 ssh -N -L 127.0.0.1:8080:localhost:80 "${known[@]}" root@127.0.0.1
}

# Who listens for a service that is started later.
case_socket_activation()
{
    start_on tcp/8081 systemd-socket-activate -l 127.0.0.1:8081 "$python" -c 'pass'
    refused "python3 -m http.server 8081" P010 "$python" -m http.server 8081
    follow_kill "$started"
    start_on tcp/8081 "$python" -m http.server 8081
}

# The service has the socket that another process made, and that one is gone.
case_socket_handed_over()
{
    cat >"$work/hand_over.py" <<'EOF'
import os, socket, sys, time
s = socket.socket()
s.bind(("127.0.0.1", 8082))
s.listen()
os.set_inheritable(s.fileno(), True)
if os.fork():
    os._exit(0)
os.execv(sys.executable, ["web-worker", "-c", "import time; time.sleep(600)"])
EOF
    "$python" "$work/hand_over.py"
    started=$(pgrep -f '^web-worker')
    pids+=("$started")
    refused "python3 holder.py" P001 "$python" -c \
        'import socket; socket.socket().bind(("127.0.0.1", 8082))'
    why 127.0.0.1:8082 P001 127.0.0.1:8082
    follow_kill "$started"
    why 127.0.0.1:8082 ok 127.0.0.1:8082
}

# A server without SO_REUSEADDR that is started again at once.
case_time_wait()
{
    cat >"$work/once.py" <<'EOF'
import socket, sys
s = socket.socket()
if "reuse" in sys.argv:
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", 8083))
s.listen()
s.accept()[0].close()
EOF
    start_on tcp/8083 "$python" "$work/once.py" reuse
    "$python" -c 'import socket; s = socket.create_connection(("127.0.0.1", 8083)); s.recv(1)'
    wait "$started"
    refused "python3 once.py" P004 "$python" "$work/once.py"
    why 127.0.0.1:8083 P004 127.0.0.1:8083
    grep -q 'help: set SO_REUSEADDR on your socket' "$work/report" ||
        fail "SO_REUSEADDR is not advised"
    start_on tcp/8083 "$python" "$work/once.py" reuse
}

# Takes a minute, beside the others: until it is over the port is refused, and then it is free.
case_time_wait_slowly()
{
    local seconds

    "$python" -c 'import socket
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", 8083))
s.listen()
client = socket.create_connection(("127.0.0.1", 8083))
s.accept()[0].close()
client.recv(1)'
    why 127.0.0.1:8083 P004 127.0.0.1:8083
    seconds=$(sed -n 's/.*help: or wait \([0-9]*\) s and try again.*/\1/p' "$work/why")
    ((seconds > 60 && seconds <= 66)) || fail "the advice is to wait for $seconds s"
    sleep "$((seconds - 10))"
    why 127.0.0.1:8083 P004 127.0.0.1:8083
    sleep 10
    why 127.0.0.1:8083 ok 127.0.0.1:8083
    start_on tcp/8083 "$python" -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 8083))
s.listen()
s.accept()'
}

# The port of a server was given to a connection of somebody else.
case_outgoing()
{
    local range=/proc/sys/net/ipv4/ip_local_port_range before

    before=$(<"$range")
    printf 'require("http").createServer().listen(8084, "127.0.0.1")\n' >"$work/server.js"
    start_on tcp/8085 "$python" -m http.server 8085 --bind 127.0.0.1
    printf '8084 8084\n' >"$range"
    start "$python" -c 'import socket, struct, time
s = socket.create_connection(("127.0.0.1", 8085))
s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
time.sleep(600)'
    sleep 0.5
    refused "node server.js" P005 node "$work/server.js"
    why 127.0.0.1:8084 P005 127.0.0.1:8084
    follow "sysctl -w net.ipv4.ip_local_reserved_ports"
    printf '%s\n' "$before" >"$range"
    follow_kill "$started"
    start_on tcp/8084 node "$work/server.js"
}

# The parent of a forking server was killed, and a worker lives on.
case_orphaned_worker()
{
    cat >"$work/prefork.py" <<'EOF'
import os, socket, time
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("0.0.0.0", 8086))
s.listen()
open("worker.pid", "w").write(str(os.fork() or os.getpid()))
time.sleep(600)
EOF
    cd "$work" || exit
    start_on tcp/8086 "$python" prefork.py
    sleep 0.5
    kill -KILL "$started"
    wait "$started" 2>/dev/null || true
    started=$(pgrep -f prefork.py)
    pids+=("$started")
    refused "python3 prefork.py" P001 "$python" prefork.py
    follow_kill "$started"
    start_on tcp/8086 "$python" prefork.py
    pids+=("$(pgrep -n -f prefork.py)")
}

# Several workers have one listener, and end with their parent.
case_nginx_workers()
{
    nginx_conf 8087
    sed -i '1i worker_processes 2;' "$work/nginx.conf"
    start_on tcp/8087 nginx -c "$work/nginx.conf"
    sleep 0.5
    refused "python3 -m http.server 8087 --bind 0.0.0.0" P001 "$python" -m http.server 8087 \
        --bind 0.0.0.0
    why 0.0.0.0:8087 P001 0.0.0.0:8087
    follow_kill "$started"
    sleep 0.3
    start_on tcp/8087 "$python" -m http.server 8087 --bind 0.0.0.0
}

# Another net namespace has ports of its own; another pid namespace in this one has not.
case_container()
{
    write_holder
    start unshare --net "$python" "$work/holder.py" listen 0.0.0.0 8088
    sleep 0.5
    why 8088 ok 8088
    start_on tcp/8088 unshare --pid --fork --kill-child "$python" "$work/holder.py" listen \
        0.0.0.0 8088
    started=$(pgrep -P "$started")
    refused "python3 holder.py listen 0.0.0.0 8088" P001 "$python" "$work/holder.py" listen \
        0.0.0.0 8088
    follow_kill "$started"
    start_on tcp/8088 "$python" "$work/holder.py" listen 0.0.0.0 8088
}

case_udp()
{
    write_holder
    start_on udp/5353 "$python" "$work/holder.py" udp 0.0.0.0 5353 SO_REUSEADDR
    refused "python3 holder.py udp 0.0.0.0 5353" P006 "$python" "$work/holder.py" udp 0.0.0.0 5353
    why udp/0.0.0.0:5353 P006 udp/0.0.0.0:5353
    grep -q 'help: set SO_REUSEADDR on your socket' "$work/report" ||
        fail "SO_REUSEADDR is not advised"
    start "$python" "$work/holder.py" udp 0.0.0.0 5353 SO_REUSEADDR
    sleep 0.3
    kill -0 "$started" || fail "the bind with SO_REUSEADDR fails"
}
