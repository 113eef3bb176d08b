/** Names, flat signatures, status codes and fixed limits of the guest contract in dormouse.wit. */
package dev.dormouse.abi;
