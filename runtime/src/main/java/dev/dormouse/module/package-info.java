/** Uploaded modules: validation, content addressing, the namespaces that they are bound to. */
@NullMarked
package dev.dormouse.module;

import org.jspecify.annotations.NullMarked;
