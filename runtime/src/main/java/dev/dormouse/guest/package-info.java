/** The seam to WebAssembly: engines, modules, instances, fuel. */
@NullMarked
package dev.dormouse.guest;

import org.jspecify.annotations.NullMarked;
