#!/bin/sh
# Make what a cluster needs to speak TLS: sh certificates.sh FOLDER [DAYS]
#
# FOLDER gets ca.pem (who vouches), cluster.pem and cluster.key (what the run, the scheduler and the workers show each
# other), and dask.yaml, which tells Dask to use them: name it in DASK_CONFIG for all three. Whoever has cluster.key can
# use the cluster as you can: only its owner may read it. The key of the authority is deleted, so nobody can make a
# further certificate; for the next cluster, run this again.
set -eu
folder=${1:?a folder for the certificates is needed}
days=${2:-30}
umask 077
mkdir -p "$folder"
cd "$folder"
if [ -e cluster.key ]; then
    echo "$folder has a cluster.key already: choose another folder, or delete it" >&2
    exit 1
fi
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days "$days" \
    -subj "/CN=dmn-bench cluster authority" -keyout ca.key -out ca.pem
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
    -subj "/CN=dmn-bench cluster" -keyout cluster.key -out cluster.csr
openssl x509 -req -in cluster.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days "$days" -out cluster.pem
rm -f ca.key ca.srl cluster.csr
here=$(pwd)
cat > dask.yaml <<END
distributed:
  comm:
    require-encryption: true # nobody talks over tcp://, not even by mistake
    tls:
      ca-file: $here/ca.pem
      scheduler: {cert: $here/cluster.pem, key: $here/cluster.key}
      worker: {cert: $here/cluster.pem, key: $here/cluster.key}
      client: {cert: $here/cluster.pem, key: $here/cluster.key}
  scheduler: # no pages about the cluster, which would not be encrypted
    http: {routes: [distributed.http.health]}
  worker:
    http: {routes: [distributed.http.health]}
END
echo "export DASK_CONFIG=$here/dask.yaml"
