package dev.dormouse.module;

import java.util.SortedSet;

/**
 * What a namespace is bound to.
 *
 * @param version 1 for the first module of the namespace, then 2, 3, …
 * @param sha256 of the bytes that were uploaded, in hexadecimal
 * @param size of the bytes that were uploaded
 * @param abi the version of the guest contract that the module was built for
 * @param exports the functions of the guest contract that the module exports
 * @param created whether this upload made the version; false where the namespace had these bytes
 *     already
 */
public record Deployment(
    String namespace,
    int version,
    String sha256,
    long size,
    String abi,
    SortedSet<String> exports,
    boolean created) {}
