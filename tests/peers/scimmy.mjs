// A host for SCIMMY: users and groups in memory, one line of log a request. Habits of real servers by argument: `no-filter` and `no-patch`
// switch a feature off, `text-booleans` sends "True" for true, and `pages` heeds startIndex and count, which SCIMMY 1.3 ignores as they
// come from an address (it wants numbers), with the total right. `count-fails` and `pages-fail` fail in HTML that is called JSON: on a plain
// count, and on any page but the first.
import express from "express";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";

const habits = new Set(process.argv.slice(2));

const kept = { User: new Map(), Group: new Map() };
let next = 1;
const wire = (type) => ({
    ingress: (resource, data) => {
        const id = resource.id ?? `${type.toLowerCase()}-${next++}`;
        if (resource.id && !kept[type].has(id)) throw new SCIMMY.Types.Error(404, null, `${type} ${id} not found`);
        const name = data.userName?.toLowerCase();
        if (name && [...kept.User.values()].some((u) => u.id !== id && u.userName.toLowerCase() === name))
            throw new SCIMMY.Types.Error(409, "uniqueness", "userName is taken");
        kept[type].set(id, { ...JSON.parse(JSON.stringify(data)), id });
        return kept[type].get(id);
    },
    egress: (resource) => {
        if (resource.id) {
            if (!kept[type].has(resource.id)) throw new SCIMMY.Types.Error(404, null, `${type} ${resource.id} not found`);
            return kept[type].get(resource.id);
        }
        const all = [...kept[type].values()];
        return resource.filter && !habits.has("no-filter") ? resource.filter.match(all) : all;
    },
    degress: (resource) => kept[type].delete(resource.id),
});
for (const type of ["User", "Group"]) {
    const handlers = wire(type);
    SCIMMY.Resources.declare(SCIMMY.Resources[type]).ingress(handlers.ingress).egress(handlers.egress).degress(handlers.degress);
}
SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser, false);

const app = express();
app.use((request, response, go) => {
    response.on("finish", () => console.log(request.method, request.originalUrl, response.statusCode));
    if (habits.has("text-booleans")) {
        const send = response.send.bind(response);
        response.send = (body) => send(typeof body === "string" ? body.replace(/"active":(true|false)/g, (_, b) => `"active":"${b === "true" ? "True" : "False"}"`) : body);
    }
    const plain = habits.has("count-fails") && "count" in request.query && !("startIndex" in request.query);
    if (plain || (habits.has("pages-fail") && "startIndex" in request.query))
        return void response.status(500).type("application/scim+json").send("<!DOCTYPE html><title>Server Error (500)</title>");
    if (habits.has("pages")) {
        const query = { ...request.query };
        for (const key of ["startIndex", "count"]) if (key in query) query[key] = Number(query[key]);
        Object.defineProperty(request, "query", { value: query });
    }
    if (habits.has("no-patch") && request.method === "PATCH") return void response.status(501).end();
    go();
});
app.use("/scim/v2", new SCIMMYRouters({
    type: "bearer",
    handler: (request) => {
        if (request.header("Authorization") !== `Bearer ${process.env.TOKEN}`) throw new Error("no such token");
        return "tenure";
    },
}));
// The router announces what it can; a host may know less.
SCIMMY.Config.set({ patch: !habits.has("no-patch"), filter: !habits.has("no-filter") && { supported: true, maxResults: 200 }, etag: false });
app.listen(Number(process.env.PORT), "127.0.0.1");
