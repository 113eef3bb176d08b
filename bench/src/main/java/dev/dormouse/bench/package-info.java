/** Benchmarks of the parts. Load runs of the whole are in bench/load. */
@NullMarked
package dev.dormouse.bench;

import org.jspecify.annotations.NullMarked;
