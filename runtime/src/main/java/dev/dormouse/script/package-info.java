/** Apps in JavaScript and TypeScript: what they say of themselves, their secrets, their engine. */
@NullMarked
package dev.dormouse.script;

import org.jspecify.annotations.NullMarked;
