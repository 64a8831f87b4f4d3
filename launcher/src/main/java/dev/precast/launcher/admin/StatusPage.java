package dev.precast.launcher.admin;

import dev.precast.schemas.role.Health;
import dev.precast.schemas.role.Role;
import java.util.List;

/** The roles and their health as a page. Pure. */
final class StatusPage {
    private static final String HEAD = """
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta http-equiv="refresh" content="5">
            <title>Precast</title>
            <style>
              body { font: 16px/1.5 system-ui, sans-serif; max-width: 48rem; margin: 3rem auto; padding: 0 1rem; }
              td, th { text-align: left; padding: .25rem 1.5rem .25rem 0; vertical-align: top; }
            </style>
            <h1>Precast</h1>
            <table>
            <tr><th>role</th><th>state</th><th>detail</th></tr>
            """;

    private static final String FOOT = """
            </table>
            <p><a href="/metrics">metrics</a> · <a href="/health/live">live</a> · <a href="/health/ready">ready</a></p>
            </html>
            """;

    private StatusPage() {}

    static String html(List<Role> roles) {
        StringBuilder page = new StringBuilder(HEAD);
        for (Role role : roles) {
            Health health = role.health();
            String state = !health.live() ? "dead" : health.ready() ? "ready" : "not ready";
            page.append("<tr><td>")
                    .append(escape(role.name()))
                    .append("</td><td>")
                    .append(state)
                    .append("</td><td>")
                    .append(escape(health.detail()))
                    .append("</td></tr>\n");
        }
        if (roles.isEmpty()) {
            page.append("<tr><td colspan=\"3\">starting</td></tr>\n");
        }
        return page.append(FOOT).toString();
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
