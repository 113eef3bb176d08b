package dev.dormouse.actor;

import java.util.List;

/**
 * An actor's answer to an HTTP request.
 *
 * @param status 100 to 599
 * @param body not to be changed
 */
public record HttpReply(int status, List<Header> headers, byte[] body) {}
