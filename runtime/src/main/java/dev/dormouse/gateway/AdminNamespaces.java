package dev.dormouse.gateway;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.dormouse.fault.Code;
import dev.dormouse.fault.UserFault;
import dev.dormouse.module.Deployment;
import dev.dormouse.module.Namespace;

/** What the admin API says of namespaces, and does with them. */
final class AdminNamespaces {
  private final AdminHandler.Parts parts;

  AdminNamespaces(AdminHandler.Parts parts) {
    this.parts = parts;
  }

  Reply put(String name, byte[] wasm, String query) {
    var deployment = parts.namespaces().put(name, wasm, Query.parse(query, "host").text("host"));
    return Json.reply(deployment.created() ? 201 : 200, json(deployment));
  }

  Reply list(String query) {
    var parameters = Query.parse(query, "prefix", "limit", "cursor");
    var after = parameters.after();
    int limit = parameters.limit();
    var page = Json.object();
    var listed = page.putArray("namespaces");
    for (var namespace : parts.namespaces().list()) {
      var name = namespace.name();
      if (!name.startsWith(parameters.prefix()) || (after != null && name.compareTo(after) <= 0)) {
        continue;
      }
      if (listed.size() == limit) {
        page.put("cursor", Query.cursor(listed.get(limit - 1).path("namespace").asText()));
        break;
      }
      listed.add(json(namespace));
    }
    return Json.reply(200, page);
  }

  Reply show(String name) {
    return Json.reply(200, json(find(name)));
  }

  /**
   * Deletes the namespace, and then its actors with all that they have stored. What a crash leaves
   * undone, the next start does.
   */
  Reply delete(String name) {
    if (!parts.namespaces().delete(name, parts.directory()::deleteNamespace)) {
      throw missing(name);
    }
    parts.log().remove(name);
    parts.metrics().remove(name);
    return Reply.empty(204);
  }

  private Namespace find(String name) {
    return parts.namespaces().find(name).orElseThrow(() -> missing(name));
  }

  static UserFault missing(String name) {
    return new UserFault(
        Code.NAMESPACE_NOT_FOUND,
        "there is no namespace '" + name + "': deploy a module to it first");
  }

  private static ObjectNode json(Namespace namespace) {
    var deployment = namespace.deployment();
    var json =
        deployment.isPresent()
            ? json(deployment.get())
            : Json.object().put("namespace", namespace.name());
    namespace.host().ifPresent(host -> json.put("host", host));
    json.put("created", namespace.createdMillis());
    json.put("updated", namespace.updatedMillis());
    namespace.damage().ifPresent(damage -> json.put("damage", damage));
    return json;
  }

  private static ObjectNode json(Deployment deployment) {
    var json = Json.object();
    json.put("namespace", deployment.namespace());
    json.put("version", deployment.version());
    json.put("sha256", deployment.sha256());
    json.put("size", deployment.size());
    json.put("abi", deployment.abi());
    var exports = json.putArray("exports");
    deployment.exports().forEach(exports::add);
    return json;
  }
}
