package dev.dormouse.egress;

import java.util.List;
import java.util.Map;

/**
 * An answer from the outside.
 *
 * @param headers names in lower case
 * @param body not to be changed
 * @param url that answered, after redirects
 */
public record WebReply(
    int status, List<Map.Entry<String, String>> headers, byte[] body, String url) {}
