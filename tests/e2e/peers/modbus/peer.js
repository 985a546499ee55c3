// node peer.js MODULES tcp PORT | rtu PATH: devices by modbus-serial, the units 1 to 3 with the registers of
// registers.json; register 30 rises with each reading. Other units never answer.
"use strict";
const fs = require("fs");
const path = require("path");
const [modules, way, where] = process.argv.slice(2);
const modbus = require(path.join(modules, "modbus-serial"));
const tables = JSON.parse(fs.readFileSync(path.join(__dirname, "registers.json")));
const UNITS = 3;
let rising = 0;

function from(table) {
  return (address, unit, callback) => {
    if (unit > UNITS) return; // nobody is there
    if (table === "holding" && address === 30) callback(null, rising++ & 0xffff);
    else if (address > 63) callback({modbusErrorCode: 2});
    else callback(null, tables[table][address] || 0);
  };
}

const vector = {
  getHoldingRegister: from("holding"), getInputRegister: from("input"), getCoil: from("coil"),
  getDiscreteInput: from("discrete"),
};
const server = way === "tcp"
  ? new modbus.ServerTCP(vector, {host: "127.0.0.1", port: Number(where), unitID: 255})
  : new modbus.ServerSerial(vector, {port: where, path: where, baudRate: 19200, unitID: 255, interval: 20});
server.on("initialized", () => console.log("ready"));
server.on("socketError", (error) => console.log("socket", error.message));
server.on("error", (error) => console.log("error", error));
