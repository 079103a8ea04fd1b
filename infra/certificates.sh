#!/usr/bin/env bash
# A private certificate authority for the way between the function and its Docker hosts, and what it issues.
#   certificates.sh ca DIR                   the authority: DIR/ca.pem, DIR/ca.key
#   certificates.sh server DIR NAME…         for the hosts; NAMEs are DNS names or addresses, as clients dial them
#   certificates.sh client DIR [NAME]        for the function (NAME: whose it is; safe-code-executor)
#   certificates.sh secret DIR server|client prints {"ca", "cert", "key"} as Secrets Manager is to hold it
#   certificates.sh expiry DIR [DAYS]        lists all; fails when one has fewer than DAYS (30) left
# Safe to run again: what is there and good is kept. `--renew` before server or client makes a new key and certificate by
# the same authority; also made anew are those with less than 30 days left, or with other names.
# Whoever has DIR/ca.key can make a client of every host. Keep DIR off machines that run anything.
set -euo pipefail
umask 077

ca_days=3650 leaf_days=397 renew_days=30
say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { say "$*"; exit 1; }
usage() { sed -n 's/^#   //p' "$0" >&2; exit 2; }

new_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null; }
lasts() { openssl x509 -in "$1" -noout -checkend $(($2 * 86400)) >/dev/null 2>&1; } # CERTIFICATE DAYS
same_key() { [ "$(openssl x509 -in "$1" -noout -pubkey)" = "$(openssl pkey -in "$2" -pubout 2>/dev/null)" ]; }

authority() {
  local dir=$1 work
  mkdir -p "$dir"
  if [ -e "$dir/ca.pem" ] || [ -e "$dir/ca.key" ]; then
    # Never replaced: all that it has issued would be worthless. A new authority gets a folder of its own.
    if ! [ -s "$dir/ca.pem" ] || ! [ -s "$dir/ca.key" ] || ! same_key "$dir/ca.pem" "$dir/ca.key"; then
      die "$dir/ca.pem and ca.key are not a pair"
    fi
    lasts "$dir/ca.pem" "$leaf_days" || say "WARNING: the authority ends before a new certificate would: see docs/OPERATIONS.md"
    say "the authority in $dir is there"
    return
  fi
  work=$(mktemp -d "$dir/.new.XXXXXX")
  new_key "$work/ca.key"
  # May sign leaves and nothing else: no authority below it.
  openssl req -x509 -new -key "$work/ca.key" -sha256 -days "$ca_days" -subj "/CN=safe-code-executor $(date -u +%F)" \
    -addext basicConstraints=critical,CA:TRUE,pathlen:0 -addext keyUsage=critical,keyCertSign,cRLSign \
    -out "$work/ca.pem"
  mv "$work/ca.key" "$work/ca.pem" "$dir/"
  rmdir "$work"
  say "made the authority in $dir, for $ca_days days"
}

alternative_names() {
  local name list=()
  for name; do
    case $name in
      *[!A-Za-z0-9.:-]*) die "'$name' is neither a DNS name nor an address" ;;
      *:*) list+=("IP:$name") ;;
      *[!0-9.]*) list+=("DNS:$name") ;;
      *) list+=("IP:$name") ;;
    esac
  done
  (IFS=,; echo "${list[*]}")
}

is_good() { # FOLDER CA CONFIGURATION
  [ -s "$1/cert.pem" ] && [ -s "$1/key.pem" ] && cmp -s "$1/asked" <(echo "$3") && lasts "$1/cert.pem" "$renew_days" &&
    same_key "$1/cert.pem" "$1/key.pem" && openssl verify -CAfile "$2" "$1/cert.pem" >/dev/null 2>&1
}

# issue DIR KIND EXTENSIONS: DIR/KIND/{ca,cert,key}.pem
issue() {
  local dir=$1 kind=$2 extensions=$3 work
  [ -s "$dir/ca.key" ] || die "no authority in $dir: certificates.sh ca $dir"
  if [ -z "$renew" ] && is_good "$dir/$kind" "$dir/ca.pem" "$extensions"; then
    say "the $kind certificate is good: $(openssl x509 -in "$dir/$kind/cert.pem" -noout -enddate)"
    return
  fi
  work=$(mktemp -d "$dir/.new.XXXXXX")
  new_key "$work/key.pem"
  openssl req -new -key "$work/key.pem" -subj "/CN=safe-code-executor $kind" -out "$work/request"
  openssl x509 -req -in "$work/request" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -sha256 -days "$leaf_days" \
    -set_serial "0x$(openssl rand -hex 16 | sed 's/^./7/')" -out "$work/cert.pem" -extfile <(echo "$extensions") 2>/dev/null
  rm "$work/request"
  cp "$dir/ca.pem" "$work/ca.pem"
  echo "$extensions" >"$work/asked"
  # The one before is kept beside it until the next: a host may still be using it.
  rm -rf "$dir/$kind.before"
  if [ -e "$dir/$kind" ]; then mv "$dir/$kind" "$dir/$kind.before"; fi
  mv "$work" "$dir/$kind"
  say "made the $kind certificate: $(openssl x509 -in "$dir/$kind/cert.pem" -noout -enddate)"
}

# A server's certificate is of no use to a client, nor the other way round.
common=$'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature'
server() {
  local dir=$1 names
  shift
  names=$(alternative_names "$@") || exit 1
  issue "$dir" server "$common"$'\nextendedKeyUsage=serverAuth\nsubjectAltName='"$names"
}
client() { issue "$1" client "$common"$'\nextendedKeyUsage=clientAuth\nsubjectAltName='"$(alternative_names "${2:-safe-code-executor}")"; }

secret() {
  [ -s "$1/$2/key.pem" ] || die "no $2 certificate in $1"
  python3 -c 'import json, pathlib, sys
print(json.dumps({name: (pathlib.Path(sys.argv[1]) / f"{name}.pem").read_text() for name in ("ca", "cert", "key")}))' "$1/$2"
}

expiry() {
  local dir=$1 days=${2:-$renew_days} file late=0
  for file in "$dir"/ca.pem "$dir"/*/cert.pem; do
    if ! [ -e "$file" ] || [[ $file == *.before/* ]]; then continue; fi
    echo "$file: $(openssl x509 -in "$file" -noout -enddate)"
    lasts "$file" "$days" || { say "$file has fewer than $days days left"; late=1; }
  done
  return $late
}

renew=''
if [ "${1:-}" = --renew ]; then renew=yes && shift; fi
case ${1:-}/$# in
  ca/2) authority "$2" ;;
  server/[12]) usage ;;
  server/*) shift && server "$@" ;;
  client/[23]) shift && client "$@" ;;
  secret/3) case $3 in server | client) secret "$2" "$3" ;; *) usage ;; esac ;;
  expiry/[23]) shift && expiry "$@" ;;
  *) usage ;;
esac
