// Starts the parts. Everything here only helps: pages read and forms work without it.
import { menus } from "./menus.js";
import { keyboard } from "./keyboard.js";
import { palette } from "./palette.js";
import { live } from "./live.js";
import { scan } from "./scan.js";

menus();
keyboard(palette());
live();
scan();
