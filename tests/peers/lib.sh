# Shared by the peers of this folder: each is a real server on loopback that prints one line of `key=value` words when it answers, runs
# until its standard input ends, and leaves nothing behind. Whoever starts it holds its standard input.
set -euo pipefail

peer=${0##*/}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# Where tests/peers/install puts what no Debian package has.
peers=${TENURE_PEERS:-$here/../../target/peers}
fail() { printf 'tests/peers/%s: %s\n' "$peer" "$*" >&2; exit 1; }

# Debian keeps servers off the PATH of ordinary users.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
# Not TMPDIR: a socket's path is at most 107 bytes.
dir=$(mktemp -d "/tmp/tenure-$peer.XXXXXX")
pids=()
# More to do at the end; a peer may replace it.
after() { :; }
cleanup() {
    [[ ${#pids[@]} -eq 0 ]] || kill -- "${pids[@]}" 2>/dev/null || true
    [[ ${#pids[@]} -eq 0 ]] || wait "${pids[@]}" 2>/dev/null || true
    after
    # What a server started may still write for a moment.
    local until=$((SECONDS + 20))
    until rm -rf "$dir" 2>/dev/null; do
        [[ $SECONDS -lt $until ]] || { rm -rf "$dir" || true; break; }
    done
}
trap cleanup EXIT
trap 'exit 1' TERM INT HUP

# Folder of PostgreSQL's server programs, which Debian keeps off the PATH: of version 15, which is supported in full, or else the newest.
postgres_bin() {
    local initdb
    initdb=$(compgen -G '/usr/lib/postgresql/15/bin/initdb' || command -v initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -1) ||
        fail 'no initdb: install postgresql'
    dirname "$(readlink -f "$initdb")"
}

# A port that nobody listens on now.
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
random_word() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }
# start LOG COMMAND...: runs it in the background.
start() {
    local log=$1
    shift
    "$@" </dev/null >"$log" 2>&1 &
    pids+=($!)
}
# ready SECONDS LOG COMMAND...: waits until the command succeeds, or the server of the last `start` has ended.
ready() {
    local until=$((SECONDS + $1)) log=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        kill -0 "${pids[-1]}" 2>/dev/null || fail "ended at once: $(tail -n 20 "$log")"
        [[ $SECONDS -lt $until ]] || fail "does not answer: $(tail -n 20 "$log")"
        sleep 0.1
    done
}
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
# pooler HOST PORT LISTENS: pgbouncer in transaction mode before a PostgreSQL; LISTENS are the lines that say where it listens. `as` runs it.
pooler() {
    command -v pgbouncer >/dev/null || fail 'no pgbouncer: install pgbouncer'
    printf '"postgres" ""\n' >"$dir/users"
    cat >"$dir/pgbouncer.ini" <<CONF
[databases]
* = host=$1 port=$2
[pgbouncer]
$3
auth_type = trust
auth_file = $dir/users
pool_mode = transaction
default_pool_size = 4
max_client_conn = 1000
server_idle_timeout = 5
CONF
    [[ $user = - ]] || chown "$user" "$dir/users" "$dir/pgbouncer.ini"
    start "$dir/pooler.log" "${as[@]}" pgbouncer "$dir/pgbouncer.ini"
}
# certificates [ADDRESS]: an authority of our own, and a certificate for 127.0.0.1 or the address.
certificates() {
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=tenure test authority' -keyout "$dir/ca.key" -out "$dir/ca.pem" \
        -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign' 2>/dev/null
    openssl req -newkey rsa:2048 -nodes -subj '/CN=127.0.0.1' -keyout "$dir/key.pem" -out "$dir/req.pem" 2>/dev/null
    printf 'subjectAltName=IP:%s,DNS:localhost\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n' "${1:-127.0.0.1}" >"$dir/ext"
    openssl x509 -req -days 2 -in "$dir/req.pem" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -CAcreateserial -extfile "$dir/ext" \
        -out "$dir/cert.pem" 2>/dev/null
}
# serve WORDS...: says where it is and lives until standard input ends.
serve() {
    printf '%s\n' "$*"
    cat >/dev/null
}
