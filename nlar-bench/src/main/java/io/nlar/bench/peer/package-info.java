/** Other optimizers on the same machine and sizes: {@link io.nlar.bench.peer.Peer}, found by ServiceLoader. */
package io.nlar.bench.peer;
