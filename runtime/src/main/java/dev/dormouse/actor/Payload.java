package dev.dormouse.actor;

/**
 * A WebSocket message.
 *
 * @param text whether it is a text message; then the bytes are its UTF-8
 * @param bytes not to be changed
 */
public record Payload(boolean text, byte[] bytes) {}
